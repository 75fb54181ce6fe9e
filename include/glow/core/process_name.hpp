// What to call this process and its machine.
#pragma once

#include <string>

#include <unistd.h>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The name of the machine; "" if the system does not say.
inline std::string host_name() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// "process 4711 on node3"
inline std::string process_name() { return join("process ", ::getpid(), " on ", host_name()); }

}  // namespace glow
