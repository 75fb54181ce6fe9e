// The limits of a device of the compute capability that is emulated (settings.hpp).
#pragma once

#include <cstddef>

namespace glow::cuda_on_cpu {

inline constexpr unsigned max_threads = 1024;  // a block, and here a cluster of blocks
inline constexpr unsigned max_cluster = 8;     // blocks
inline constexpr unsigned max_block_z = 64;
inline constexpr unsigned max_grid_yz = 65535;
inline constexpr std::size_t max_static_shared = 48 * 1024;  // also of dynamic shared memory, unless opted in

/// A block's, of any kind.
std::size_t max_shared();

}  // namespace glow::cuda_on_cpu
