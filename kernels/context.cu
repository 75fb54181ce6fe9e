// The context beside a layer's own numbers, joined [rows, c + k + e] = [x | context | 1], and its pull-back,
// which is added (+=). A thread keeps to its column. A context that all pixels of a sample share is summed by
// slices of the pixels, whose sums are added in a fixed order.
#include <glow/ops/kernels/context.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class T>
__global__ void __launch_bounds__(walkers)
    join_context_kernel(ColumnWalk walk, const T* __restrict__ x, Index stride, Index c,
                        const T* __restrict__ context, ops::ContextPlace place, T* __restrict__ joined) {
  const ColumnThread<1> t(walk);
  for (Index row = t.first; row < t.last; row += t.step) {
    const Index i = t.column - c;
    joined[row * walk.columns + t.column] = i < 0                  ? x[row * stride + t.column]
                                            : i < place.channels() ? context[place(row, i)]
                                                                   : T(1);
  }
}

template <class T>
__global__ void __launch_bounds__(walkers)
    add_channels_kernel(ColumnWalk walk, const T* __restrict__ d_joined, Index channels, T* __restrict__ dx,
                        Index stride) {
  const ColumnThread<1> t(walk);
  for (Index row = t.first; row < t.last; row += t.step)
    dx[row * stride + t.column] += d_joined[row * channels + t.column];
}

// Of a context whose numbers are read by one pixel each.
template <class T>
__global__ void __launch_bounds__(walkers)
    add_context_kernel(ColumnWalk walk, const T* __restrict__ d_joined, Index c, Index channels,
                       ops::ContextPlace place, T* __restrict__ d_context) {
  const ColumnThread<1> t(walk);
  for (Index row = t.first; row < t.last; row += t.step)
    d_context[place(row, t.column)] += d_joined[row * channels + c + t.column];
}

constexpr unsigned sum_lanes = 32, slices = 16;

// Of a context that all pixels of a sample read: a block for 32 numbers of one sample.
template <class T>
__global__ void __launch_bounds__(sum_lanes* slices)
    sum_context_kernel(const T* __restrict__ d_joined, Index c, Index channels, Index features, Index pixels,
                       T* __restrict__ d_context) {
  GLOW_SHARED(T, of_slice, [slices][sum_lanes]);
  const unsigned lane = threadIdx.x % sum_lanes, slice = threadIdx.x / sum_lanes;
  const Index groups = (features + sum_lanes - 1) / sum_lanes, sample = blockIdx.x / groups;
  const Index i = blockIdx.x % groups * sum_lanes + lane;
  T sum = 0;
  for (Index p = slice; p < pixels && i < features; p += slices)
    sum += d_joined[(sample * pixels + p) * channels + c + i];
  of_slice[slice][lane] = sum;
  __syncthreads();
  if (slice != 0 || i >= features) return;
  T total = 0;
  for (unsigned s = 0; s < slices; ++s) total += of_slice[s][lane];
  d_context[sample * features + i] += total;
}

}  // namespace

template <class T>
void launch_join_context(const T* x, Index stride, Index c, const T* context, ops::ContextPlace place,
                         Index rows, Index channels, T* joined, cudaStream_t stream) {
  const ColumnWalk walk(1, rows, channels, 1);
  if (walk.blocks() == 0) return;
  launch("join_context", join_context_kernel<T>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, x,
         stride, c, context, place, joined);
}

template <class T>
void launch_add_channels(const T* d_joined, Index rows, Index c, Index channels, T* dx, Index stride,
                         cudaStream_t stream) {
  const ColumnWalk walk(1, rows, c, 1);
  if (walk.blocks() == 0) return;
  launch("add_channels", add_channels_kernel<T>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk,
         d_joined, channels, dx, stride);
}

template <class T>
void launch_sum_context(const T* d_joined, Index c, Index channels, ops::ContextPlace place, Index samples,
                        T* d_context, cudaStream_t stream) {
  const Index pixels = place.x_height * place.x_width;
  if (place.is_shared()) {
    const unsigned blocks = static_cast<unsigned>(samples) * blocks_of(place.features, sum_lanes);
    if (blocks == 0) return;
    launch("sum_context", sum_context_kernel<T>, dim3(blocks), dim3(sum_lanes * slices), 0, stream, d_joined,
           c, channels, place.features, pixels, d_context);
    return;
  }
  const ColumnWalk walk(1, samples * pixels, place.channels(), 1);
  if (walk.blocks() == 0) return;
  launch("add_context", add_context_kernel<T>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, d_joined,
         c, channels, place, d_context);
}

#define GLOW_INSTANTIATE(T)                                                                                \
  template void launch_join_context(const T*, Index, Index, const T*, ops::ContextPlace, Index, Index, T*, \
                                    cudaStream_t);                                                         \
  template void launch_add_channels(const T*, Index, Index, Index, T*, Index, cudaStream_t);               \
  template void launch_sum_context(const T*, Index, Index, ops::ContextPlace, Index, T*, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
