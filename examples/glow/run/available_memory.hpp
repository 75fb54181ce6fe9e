// How much memory is there to be had.
#pragma once

#include <cstddef>

namespace glow::app {

/// Bytes of the host's memory that this process can still take: the least of what Linux says is available, of
/// what the process's control group leaves (a container's limit), and of its own limit on addresses (ulimit
/// -v). SIZE_MAX where nothing of it can be known.
std::size_t available_host_memory();

}  // namespace glow::app
