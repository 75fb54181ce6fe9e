// Launchers of kernels/quantize.cu. T is float or double; all pointers are to memory of the GPU. x holds the
// pixels, of c channels, in an order.
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include <glow/core/index.hpp>
#include <glow/core/philox.hpp>
#include <glow/ops/pixel_order.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// pixels [count], random [1] -> x [count]: x = ...
template <class T>
void launch_dequantize(const std::uint8_t* pixels, int n_bits, const Random* random, T* x, Index count,
                       ops::PixelOrder order, Index c, cudaStream_t stream);

/// The same with random [images], one for count / images pixels.
template <class T>
void launch_dequantize_by_image(const std::uint8_t* pixels, int n_bits, const Random* random, Index images,
                                T* x, Index count, ops::PixelOrder order, Index c, cudaStream_t stream);

/// pixels [count] -> x [count] in the order of the pixels: x = ...
template <class T>
void launch_centre_of_bins(const std::uint8_t* pixels, int n_bits, T* x, Index count, cudaStream_t stream);

/// x [count] -> pixels [count]: pixels = ...
template <class T>
void launch_quantize(const T* x, int n_bits, std::uint8_t* pixels, Index count, ops::PixelOrder order,
                     Index c, cudaStream_t stream);

}  // namespace glow::kernels
