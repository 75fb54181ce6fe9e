// A rank's number among those of its machine.
#pragma once

#include <glow/core/process_name.hpp>
#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// How many lower ranks are on a machine of the same name; all ranks call it.
inline int local_rank(Communicator& ranks) {
  const auto hosts = gather(ranks, host_name());
  return static_cast<int>(
      std::count(hosts.begin(), hosts.begin() + ranks.rank(), hosts[static_cast<std::size_t>(ranks.rank())]));
}

}  // namespace glow
