// Element by element: fill, x = value (=); add, y += x (+=); to and from bf16, y = x (=).
#include <glow/ops/kernels/pointwise.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// One thread a vector; the elements that make no whole vector are the last thread's.
template <class T, int N>
__global__ void __launch_bounds__(256) fill_kernel(T* x, Index count, T value) {
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i + N <= count) {
    Vector<T, N> all;
    for (int j = 0; j < N; ++j) all.v[j] = value;
    store(x + i, all);
  } else {
    for (Index j = i; j < count; ++j) x[j] = value;
  }
}

template <class T, int N>
__global__ void __launch_bounds__(256) add_kernel(const T* __restrict__ x, T* __restrict__ y, Index count) {
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i + N <= count) {
    const Vector<T, N> a = load<N>(x + i);
    Vector<T, N> sum = load<N>(y + i);
    for (int j = 0; j < N; ++j) sum.v[j] += a.v[j];
    store(y + i, sum);
  } else {
    for (Index j = i; j < count; ++j) y[j] += x[j];
  }
}

template <class T>
__global__ void __launch_bounds__(256)
    to_bf16_kernel(const T* __restrict__ x, Bf16* __restrict__ y, Index count) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < count) y[i] = Bf16(static_cast<float>(x[i]));
}

template <class T>
__global__ void __launch_bounds__(256)
    from_bf16_kernel(const Bf16* __restrict__ x, T* __restrict__ y, Index count) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < count) y[i] = static_cast<T>(static_cast<float>(x[i]));
}

}  // namespace

template <class T>
void launch_fill(T* x, Index count, T value, cudaStream_t stream) {
  if (count == 0) return;
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        launch("fill", fill_kernel<T, N>, dim3(blocks_of(count, 256 * N)), dim3(256), 0, stream, x, count,
               value);
      },
      0, x);
}

template <class T>
void launch_add(const T* x, T* y, Index count, cudaStream_t stream) {
  if (count == 0) return;
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        launch("add", add_kernel<T, N>, dim3(blocks_of(count, 256 * N)), dim3(256), 0, stream, x, y, count);
      },
      0, x, y);
}

template <class T>
void launch_to_bf16(const T* x, Bf16* y, Index count, cudaStream_t stream) {
  if (count == 0) return;
  launch("to_bf16", to_bf16_kernel<T>, dim3(blocks_of(count, 256)), dim3(256), 0, stream, x, y, count);
}

template <class T>
void launch_from_bf16(const Bf16* x, T* y, Index count, cudaStream_t stream) {
  if (count == 0) return;
  launch("from_bf16", from_bf16_kernel<T>, dim3(blocks_of(count, 256)), dim3(256), 0, stream, x, y, count);
}

template void launch_fill(float*, Index, float, cudaStream_t);
template void launch_fill(double*, Index, double, cudaStream_t);
template void launch_add(const float*, float*, Index, cudaStream_t);
template void launch_add(const double*, double*, Index, cudaStream_t);
template void launch_to_bf16(const float*, Bf16*, Index, cudaStream_t);
template void launch_to_bf16(const double*, Bf16*, Index, cudaStream_t);
template void launch_from_bf16(const Bf16*, float*, Index, cudaStream_t);
template void launch_from_bf16(const Bf16*, double*, Index, cudaStream_t);

}  // namespace glow::kernels
