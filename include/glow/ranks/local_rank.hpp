// A rank's number among those of its machine.
#pragma once

#include <unistd.h>

#include <glow/ranks/communicator.hpp>

namespace glow {

/// How many lower ranks are on a machine of the same name; all ranks call it.
inline int local_rank(Communicator& ranks) {
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  const auto hosts = gather(ranks, std::string(host));
  return static_cast<int>(
      std::count(hosts.begin(), hosts.begin() + ranks.rank(), hosts[static_cast<std::size_t>(ranks.rank())]));
}

}  // namespace glow
