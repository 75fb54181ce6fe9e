// Functions of two elements on the tape, one operand possibly spread over the other: y = f(a, b) (=), and
// d += dy df(a, b) (+=), summed in a fixed order where the operand of gradient d was spread.
#include <glow/ad/functions.hpp>
#include <glow/ops/kernels/tape.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class F, class T>
__global__ void __launch_bounds__(256)
    tape_map2_kernel(F f, Spread<const T> a, Spread<const T> b, T* __restrict__ y, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < size) y[i] = f(a[i], b[i]);
}

template <class F, class T>
__global__ void __launch_bounds__(256)
    tape_map2_pull_kernel(F df, Spread<const T> a, Spread<const T> b, const T* __restrict__ dy,
                          T* __restrict__ d, Index size) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < size) d[i] += dy[i] * df(a[i], b[i]);
}

// A spread operand meets every row of dy [rows, period]: its gradient is a sum over them.
template <class F, class T>
__global__ void __launch_bounds__(walkers, 4)  // 64 registers: a division in double needs more than 40
    tape_map2_pull_parts_kernel(ColumnWalk walk, F df, Spread<const T> a, Spread<const T> b,
                                const T* __restrict__ dy, T* __restrict__ part) {
  const ColumnThread<1> t(walk);
  T sum[1][1] = {};
  for (Index row = t.first; row < t.last; row += t.step) {
    const Index i = row * walk.columns + t.column;
    sum[0][0] += dy[i] * df(a[i], b[i]);
  }
  write_part(walk, t, sum, part);
}

}  // namespace

template <class F, class T>
void launch_tape_map2(F f, Spread<const T> a, Spread<const T> b, T* y, Index size, cudaStream_t stream) {
  if (size == 0) return;
  launch("tape_map2", tape_map2_kernel<F, T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream, f, a, b, y,
         size);
}

template <class F, class T>
void launch_tape_map2_pull(F df, Spread<const T> a, Spread<const T> b, const T* dy, Index size, Spread<T> d,
                           T* part, cudaStream_t stream) {
  if (size == 0) return;
  if (d.period == size) {
    launch("tape_map2_pull", tape_map2_pull_kernel<F, T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream,
           df, a, b, dy, d.data, size);
    return;
  }
  const ColumnWalk walk(1, size / d.period, d.period, 1);
  launch("tape_map2_pull_parts", tape_map2_pull_parts_kernel<F, T>, dim3(walk.blocks()), dim3(walkers), 0,
         stream, walk, df, a, b, dy, part);
  launch_sum_parts<1>("tape_map2_pull_sum", part, walk.parts(), d.period, AddTo<T>{d.data}, stream);
}

#define GLOW_INSTANTIATE_FOR(F, T)                                                                           \
  template void launch_tape_map2(functions::F<T>, Spread<const T>, Spread<const T>, T*, Index,               \
                                 cudaStream_t);                                                              \
  template void launch_tape_map2_pull(functions::ByFirst<functions::F, T>, Spread<const T>, Spread<const T>, \
                                      const T*, Index, Spread<T>, T*, cudaStream_t);                         \
  template void launch_tape_map2_pull(functions::BySecond<functions::F, T>, Spread<const T>,                 \
                                      Spread<const T>, const T*, Index, Spread<T>, T*, cudaStream_t);
#define GLOW_INSTANTIATE(F)      \
  GLOW_INSTANTIATE_FOR(F, float) \
  GLOW_INSTANTIATE_FOR(F, double)

GLOW_INSTANTIATE(Plus)
GLOW_INSTANTIATE(Minus)
GLOW_INSTANTIATE(Times)
GLOW_INSTANTIATE(Over)
GLOW_INSTANTIATE(Where)
GLOW_INSTANTIATE(Unless)

#undef GLOW_INSTANTIATE
#undef GLOW_INSTANTIATE_FOR

}  // namespace glow::kernels
