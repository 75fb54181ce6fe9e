#include "data/left_out.hpp"

#include <algorithm>
#include <vector>

#include <glow/core/error.hpp>

namespace glow::app {

std::string left_out_text(const std::map<std::string, LeftOut>& by_reason) {
  constexpr std::size_t most_reasons = 8;
  std::vector<std::pair<std::string, LeftOut>> all(by_reason.begin(), by_reason.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  std::string text;
  Index others = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [reason, l] = all[i];
    if (i >= most_reasons) {
      others += l.count;
      continue;
    }
    text += join(text.empty() ? "" : ", ", reason, ": ", l.count, l.count == 1 ? " ('" : " (first '", l.first,
                 "')");
  }
  return others == 0 ? text : join(text, ", others: ", others);
}

}  // namespace glow::app
