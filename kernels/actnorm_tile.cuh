// ActNorm on elements of a tile in shared memory, beside which its scale and shift lie.
#pragma once

#include <cmath>

#include "pixel_product.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Shared memory that TileActNorm takes, in rows of a tile.
inline constexpr unsigned actnorm_rows = 2;

/// (v + bias) exp(log_scale), or back v exp(-log_scale) - bias.
template <bool Forward, class T>
class TileActNorm {
 public:
  /// All threads of the block call it, and wait for one another before the first use; `shared` has room for
  /// actnorm_rows rows.
  __device__ TileActNorm(const T* bias, const T* log_scale, T* shared, unsigned c)
      : scale_(shared), shift_(shared + stride_of(c)) {
    for (unsigned i = threadIdx.x; i < stride_of(c); i += multipliers) {
      shared[i] = i < c ? std::exp(Forward ? log_scale[i] : -log_scale[i]) : T(0);
      shared[stride_of(c) + i] = i < c ? bias[i] : T(0);
    }
  }

  __device__ T operator()(T v, unsigned channel) const {
    return Forward ? (v + shift_[channel]) * scale_[channel] : v * scale_[channel] - shift_[channel];
  }

 private:
  const T *scale_, *shift_;
};

}  // namespace glow::kernels
