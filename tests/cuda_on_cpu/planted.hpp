// Runs a kernel with a planted bug, for the tests and for the program that sanitizers watch.
#pragma once

#include <string>

#include "kernels/test_kernels.hpp"

namespace glow::cuda_on_cpu {

/// Whether the kernel that `bug` is planted in gave the right numbers. Throws CudaError if its launch failed.
bool is_right(test_kernels::Bug bug);

/// All kernels of the tests without a bug: whether they gave the right numbers.
bool all_right();

/// Reads device memory on the host.
float read_device_memory();

}  // namespace glow::cuda_on_cpu
