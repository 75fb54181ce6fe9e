// The variables by which torchrun, and others like it, tell a process which rank it is. Source: PyTorch's
// documentation of torchrun (Elastic Launch), "Environment Variables".
#pragma once

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Which rank this process is, and where rank 0 is found.
struct RankVariables {
  int rank = 0;              ///< RANK
  int size = 1;              ///< WORLD_SIZE
  int local_rank = 0;        ///< LOCAL_RANK: among those of its machine; the rank where it is not set
  std::string address = {};  ///< MASTER_ADDR: the name or number of rank 0's machine
  int port = 0;              ///< MASTER_PORT, or the next one where torchrun itself listens there
};

/// True in a process that was started with RANK and WORLD_SIZE.
inline bool started_with_rank_variables() {
  return std::getenv("RANK") != nullptr && std::getenv("WORLD_SIZE") != nullptr;
}

namespace detail {

inline std::string rank_variable(const char* name) {
  const char* const text = std::getenv(name);
  require<RankError>(text != nullptr && *text != '\0', name,
                     " is not set; torchrun sets RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT");
  return text;
}

inline int rank_number(const char* name, int least, int most) {
  const std::string text = rank_variable(name);
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  require<RankError>(error == std::errc() && stop == end && number >= least && number <= most, name, " is '",
                     text, "'; it must be a number from ", least, " to ", most);
  return number;
}

}  // namespace detail

/// What the variables say; throws RankError that names the one which is missing or wrong. Where there is but
/// one rank, no address is needed.
inline RankVariables rank_variables() {
  constexpr int most_ranks = 1 << 20, most_port = 65534;
  RankVariables v;
  v.size = detail::rank_number("WORLD_SIZE", 1, most_ranks);
  v.rank = detail::rank_number("RANK", 0, v.size - 1);
  v.local_rank =
      std::getenv("LOCAL_RANK") == nullptr ? v.rank : detail::rank_number("LOCAL_RANK", 0, most_ranks);
  if (v.size == 1) return v;
  v.address = detail::rank_variable("MASTER_ADDR");
  v.port = detail::rank_number("MASTER_PORT", 1, most_port);
  // Then the agent's store has MASTER_PORT.
  if (const char* const store = std::getenv("TORCHELASTIC_USE_AGENT_STORE");
      store != nullptr && std::string_view(store) == "True")
    ++v.port;
  return v;
}

}  // namespace glow
