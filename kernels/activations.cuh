// What becomes of a product before it is the next layer's operand.
#pragma once

#include "common.cuh"

namespace glow::kernels {

/// Two numbers as bf16, the first in the low half.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const unsigned*>(&both);
}

__device__ __forceinline__ float relu(float v) { return v < 0.0f ? 0.0f : v; }

}  // namespace glow::kernels
