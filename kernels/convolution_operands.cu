// What cuDNN's convolutions read and write:
//   copy_pixels      to[p, c] = from[p, c]                  =    from pixels of more channels, in other
//   numbers add_pixels       to[p, c] += from[p, c]                +=    the way back clear_inactive   d = 0
//   where h <= 0                     =    in place pack_filter      filter[o, t, i] = kernel[t, i, o]      =
//   add_filter       kernel[t, i, o] += filter[o, t, i]    +=
#include <glow/ops/kernels/convolution_operands.hpp>

#include "blocks.cuh"
#include "gather.cuh"
#include "lanes.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// Where element c of pixel p lies.
struct PixelLayout {
  Index stride, channels, pixels;
  unsigned lanes;
};

// Calls fn(p, c) for every element that is the calling thread's.
template <class F>
__device__ __forceinline__ void for_each_element(const PixelLayout& l, F fn) {
  const Index p = Index{blockIdx.x} * (256 / l.lanes) + threadIdx.x / l.lanes;
  if (p >= l.pixels) return;
  for (Index c = threadIdx.x % l.lanes; c < l.channels; c += l.lanes) fn(p, c);
}

template <class From, class To>
__global__ void __launch_bounds__(256)
    copy_pixels_kernel(const From* __restrict__ from, PixelLayout l, To* __restrict__ to) {
  for_each_element(l, [&](Index p, Index c) {
    to[p * l.channels + c] = convert<To>(static_cast<float>(from[p * l.stride + c]));
  });
}

template <class E, class T>
__global__ void __launch_bounds__(256)
    add_pixels_kernel(const E* __restrict__ from, PixelLayout l, T* __restrict__ to) {
  for_each_element(
      l, [&](Index p, Index c) { to[p * l.stride + c] += static_cast<T>(from[p * l.channels + c]); });
}

template <class E>
__global__ void __launch_bounds__(256) clear_inactive_kernel(const E* __restrict__ h, E* d, Index count) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at < count && !(static_cast<float>(h[at]) > 0.0f)) d[at] = convert<E>(0.0f);
}

// Place in the kernel of a filter's element.
__device__ __forceinline__ Index place_in_kernel(const KernelShape& s, Index at) {
  const Index i = at % s.in, tap = at / s.in % s.taps, o = at / (s.in * s.taps);
  return (tap * s.in + i) * s.out + o;
}

template <class T, class E>
__global__ void __launch_bounds__(256)
    pack_filter_kernel(const T* __restrict__ kernel, KernelShape s, E* __restrict__ filter) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at < s.taps * s.in * s.out) filter[at] = convert<E>(kernel[place_in_kernel(s, at)]);
}

template <class E, class T>
__global__ void __launch_bounds__(256)
    add_filter_kernel(const E* __restrict__ filter, KernelShape s, T* __restrict__ kernel) {
  const Index at = Index{blockIdx.x} * 256 + threadIdx.x;
  if (at < s.taps * s.in * s.out) kernel[place_in_kernel(s, at)] += static_cast<T>(filter[at]);
}

}  // namespace

template <class From, class To>
void launch_copy_pixels(const From* from, Index stride, Index channels, Index pixels, To* to,
                        cudaStream_t stream) {
  const PixelLayout layout{stride, channels, pixels, lanes_for(channels)};
  launch("copy_pixels", copy_pixels_kernel<From, To>, dim3(blocks_of(pixels, 256 / layout.lanes)), dim3(256),
         0, stream, from, layout, to);
}

template <class E, class T>
void launch_add_pixels(const E* from, Index channels, Index pixels, T* to, Index stride,
                       cudaStream_t stream) {
  const PixelLayout layout{stride, channels, pixels, lanes_for(channels)};
  launch("add_pixels", add_pixels_kernel<E, T>, dim3(blocks_of(pixels, 256 / layout.lanes)), dim3(256), 0,
         stream, from, layout, to);
}

template <class E>
void launch_clear_inactive(const E* h, E* d, Index count, cudaStream_t stream) {
  launch("clear_inactive", clear_inactive_kernel<E>, dim3(blocks_of(count, 256)), dim3(256), 0, stream, h, d,
         count);
}

template <class T, class E>
void launch_pack_filter(const T* kernel, KernelShape shape, E* filter, cudaStream_t stream) {
  launch("pack_filter", pack_filter_kernel<T, E>, dim3(blocks_of(shape.taps * shape.in * shape.out, 256)),
         dim3(256), 0, stream, kernel, shape, filter);
}

template <class E, class T>
void launch_add_filter(const E* filter, KernelShape shape, T* kernel, cudaStream_t stream) {
  launch("add_filter", add_filter_kernel<E, T>, dim3(blocks_of(shape.taps * shape.in * shape.out, 256)),
         dim3(256), 0, stream, filter, shape, kernel);
}

#define GLOW_INSTANTIATE(E)                                                              \
  template void launch_copy_pixels(const float*, Index, Index, Index, E*, cudaStream_t); \
  template void launch_add_pixels(const E*, Index, Index, float*, Index, cudaStream_t);  \
  template void launch_clear_inactive(const E*, E*, Index, cudaStream_t);                \
  template void launch_pack_filter(const float*, KernelShape, E*, cudaStream_t);         \
  template void launch_add_filter(const E*, KernelShape, float*, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(__nv_bfloat16);
#undef GLOW_INSTANTIATE
template void launch_copy_pixels(const __nv_bfloat16*, Index, Index, Index, float*, cudaStream_t);

}  // namespace glow::kernels
