// Functions of one element on the tape: y = f(x) (=), and dx += dy f'(x) (+=).
#include <glow/ad/functions.hpp>
#include <glow/ops/kernels/tape.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class F, class T>
__global__ void __launch_bounds__(256)
    tape_map_kernel(F f, const T* __restrict__ x, T* __restrict__ y, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < size) y[i] = f(x[i]);
}

template <class F, class T>
__global__ void __launch_bounds__(256)
    tape_map_pull_kernel(F f, const T* __restrict__ x, const T* __restrict__ y, const T* __restrict__ dy,
                         T* __restrict__ dx, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < size) dx[i] += dy[i] * f.derivative(x[i], y[i]);
}

}  // namespace

template <class F, class T>
void launch_tape_map(F f, const T* x, T* y, Index size, cudaStream_t stream) {
  if (size == 0) return;
  launch("tape_map", tape_map_kernel<F, T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, f, x, y, size);
}

template <class F, class T>
void launch_tape_map_pull(F f, const T* x, const T* y, const T* dy, T* dx, Index size, cudaStream_t stream) {
  if (size == 0) return;
  launch("tape_map_pull", tape_map_pull_kernel<F, T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, f, x,
         y, dy, dx, size);
}

#define GLOW_INSTANTIATE_FOR(F, T)                                                   \
  template void launch_tape_map(functions::F<T>, const T*, T*, Index, cudaStream_t); \
  template void launch_tape_map_pull(functions::F<T>, const T*, const T*, const T*, T*, Index, cudaStream_t);
#define GLOW_INSTANTIATE(F)      \
  GLOW_INSTANTIATE_FOR(F, float) \
  GLOW_INSTANTIATE_FOR(F, double)

GLOW_INSTANTIATE(Exp)
GLOW_INSTANTIATE(Log)
GLOW_INSTANTIATE(Sqrt)
GLOW_INSTANTIATE(Square)
GLOW_INSTANTIATE(Abs)
GLOW_INSTANTIATE(Sin)
GLOW_INSTANTIATE(Cos)
GLOW_INSTANTIATE(Tanh)
GLOW_INSTANTIATE(Sinh)
GLOW_INSTANTIATE(Asinh)
GLOW_INSTANTIATE(Relu)
GLOW_INSTANTIATE(Sigmoid)
GLOW_INSTANTIATE(Softplus)
GLOW_INSTANTIATE(PlusNumber)
GLOW_INSTANTIATE(TimesNumber)
GLOW_INSTANTIATE(NumberOver)
GLOW_INSTANTIATE(Clamp)

#undef GLOW_INSTANTIATE
#undef GLOW_INSTANTIATE_FOR

}  // namespace glow::kernels
