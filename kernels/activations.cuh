// What becomes of a product before it is the next layer's operand.
#pragma once

#include "common.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Two numbers as bf16, the first in the low half.
__device__ __forceinline__ unsigned pack_bf16(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const unsigned*>(&both);
}

/// The same of max(low, 0) and max(high, 0); what is not a number stays so.
#if defined(__CUDACC__)
__device__ __forceinline__ unsigned pack_relu_bf16(float low, float high) {
  unsigned both;
  asm("cvt.rn.relu.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
  return both;
}
#else
__device__ inline unsigned pack_relu_bf16(float low, float high) {
  return pack_bf16(low < 0.0f ? 0.0f : low, high < 0.0f ? 0.0f : high);
}
#endif

/// Biases of a unit and of the next one; those of units that there are not are zero.
__device__ __forceinline__ float2 two_biases(const float* bias, int unit, int units) {
  return make_float2(unit < units ? bias[unit] : 0.0f, unit + 1 < units ? bias[unit + 1] : 0.0f);
}

}  // namespace glow::kernels
