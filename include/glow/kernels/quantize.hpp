// Launchers of kernels/quantize.cu. T is float or double; all pointers are to memory of the GPU.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/core/philox.hpp>

namespace glow::kernels {

/// pixels [count], random [1] -> x [count]: x = ...
template <class T>
void launch_dequantize(const std::uint8_t* pixels, int n_bits, const Random* random, T* x, Index count,
                       cudaStream_t stream);

/// pixels [count] -> x [count]: x = ...
template <class T>
void launch_centre_of_bins(const std::uint8_t* pixels, int n_bits, T* x, Index count, cudaStream_t stream);

/// x [count] -> pixels [count]: pixels = ...
template <class T>
void launch_quantize(const T* x, int n_bits, std::uint8_t* pixels, Index count, cudaStream_t stream);

}  // namespace glow::kernels
