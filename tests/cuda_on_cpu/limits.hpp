// The limits of a device of compute capability 9.0; of a launch they hold for all of glow's targets but the
// shared memory, of which 8.6, 8.9 and 12.0 have 99 KiB.
#pragma once

#include <cstddef>

namespace glow::cuda_on_cpu {

inline constexpr unsigned max_threads = 1024;  // a block
inline constexpr unsigned max_block_z = 64;
inline constexpr unsigned max_grid_yz = 65535;
inline constexpr std::size_t max_static_shared = 48 * 1024;  // also of dynamic shared memory, unless opted in
inline constexpr std::size_t max_shared = 227 * 1024;

}  // namespace glow::cuda_on_cpu
