// The convolutions of the fake cuDNN, as plain loops with sums in double.
#include <algorithm>

#include <cuda_bf16.h>

#include "cudnn_graph.hpp"

namespace glow::cuda_on_cpu {

namespace {

float to_tf32(float x) {
  if (!(x - x == 0.0f)) return x;
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x1000) & 0xFFFFE000;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

std::vector<double> read(const CudnnTensor& t, const std::map<std::int64_t, void*>& memory, bool tf32) {
  std::vector<double> x(static_cast<std::size_t>(t.size()));
  const void* const at = memory.at(t.id);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (t.type == CUDNN_DATA_BFLOAT16) {
      x[i] = double{__bfloat162float(static_cast<const __nv_bfloat16*>(at)[i])};
    } else {
      const float value = static_cast<const float*>(at)[i];
      x[i] = double{tf32 ? to_tf32(value) : value};
    }
  }
  return x;
}

void write(const CudnnTensor& t, const std::map<std::int64_t, void*>& memory, const std::vector<double>& x) {
  void* const at = memory.at(t.id);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float value = static_cast<float>(x[i]);
    if (t.type == CUDNN_DATA_BFLOAT16) {
      static_cast<__nv_bfloat16*>(at)[i] = __float2bfloat16(value);
    } else {
      static_cast<float*>(at)[i] = value;
    }
  }
}

// Calls fn(pixel of y, pixel of x under a tap, tap) for all that lie inside the images.
template <class F>
void for_each_tap(const CudnnConvolution& c, F fn) {
  const std::int64_t side = c.kernel.h, pad = c.padding, h = c.y.h, w = c.y.w;
  for (std::int64_t p = 0; p < c.y.n * h * w; ++p) {
    const std::int64_t row = p / w % h, column = p % w;
    for (std::int64_t tap = 0; tap < side * side; ++tap) {
      const std::int64_t dy = tap / side - pad, dx = tap % side - pad;
      if (row + dy < 0 || row + dy >= h || column + dx < 0 || column + dx >= w) continue;
      fn(p, p + dy * w + dx, tap);
    }
  }
}

}  // namespace

void convolve(const CudnnConvolution& c, bool tf32, const std::map<std::int64_t, void*>& memory) {
  const bool forward = c.is(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
  const bool to_input = c.is(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
  const CudnnTensor& result = forward ? c.y : to_input ? c.x : c.kernel;
  const std::int64_t in = c.x.c, out = c.y.c, taps = c.kernel.h * c.kernel.w;
  const auto x = to_input ? std::vector<double>() : read(c.x, memory, tf32);
  const auto kernel = forward || to_input ? read(c.kernel, memory, tf32) : std::vector<double>();
  const auto y = forward ? std::vector<double>() : read(c.y, memory, tf32);
  std::vector<double> sums(static_cast<std::size_t>(result.size()), 0.0);
  for_each_tap(c, [&](std::int64_t p, std::int64_t q, std::int64_t tap) {
    for (std::int64_t o = 0; o < out; ++o) {
      const std::int64_t k = (o * taps + tap) * in;  // a row of the kernel [out, taps, in]
      double* const at = sums.data() + (forward ? p * out + o : to_input ? q * in : k);
      if (forward) {
        for (std::int64_t i = 0; i < in; ++i) *at += x.data()[q * in + i] * kernel.data()[k + i];
      } else {
        const double dy = y.data()[p * out + o];
        const double* const row = to_input ? kernel.data() + k : x.data() + q * in;
        for (std::int64_t i = 0; i < in; ++i) at[i] += dy * row[i];
      }
    }
  });
  if (c.has_bias) {
    const auto bias = read(c.bias, memory, false);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += bias[i % bias.size()];
  }
  if (c.has_relu) {
    for (double& v : sums) v = std::max(v, 0.0);
  }
  if (c.beta != 0.0f) {
    const auto before = read(result, memory, false);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += double{c.beta} * before[i];
  }
  write(result, memory, sums);
}

}  // namespace glow::cuda_on_cpu
