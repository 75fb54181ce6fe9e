#include "ranks/agreement.hpp"

namespace glow::app {

void check_agreement(AnyRanks& ranks, const nlohmann::json& mine) {
  const std::vector<std::string> all = gather(ranks, mine.dump());
  const auto first = nlohmann::json::parse(all[0]);
  std::string text;
  for (std::size_t r = 1; r < all.size(); ++r) {
    const auto other = nlohmann::json::parse(all[r]);
    for (const auto& [name, value] : first.items()) {
      const auto has = other.value(name, nlohmann::json());
      if (has == value) continue;
      text += join(text.empty() ? "" : "; ", "rank ", r, " has ", name, " ", has.dump(), ", and rank 0 has ",
                   value.dump());
    }
  }
  require<RankError>(text.empty(), "the ranks were not told the same: ", text);
}

}  // namespace glow::app
