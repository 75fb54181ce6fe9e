// Permutation of channels, y[r, i] = x[r, order[i]], of rows [rows, c]. A thread keeps to its column i, whose
// channel of x it looks up once. Outputs are written (=), never added to.
#include <glow/ops/channel_order.hpp>
#include <glow/ops/kernels/permutation.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class T, bool Forward>
__global__ void __launch_bounds__(walkers)
    permutation_kernel(ColumnWalk walk, const T* __restrict__ order, const T* __restrict__ from,
                       T* __restrict__ to) {
  const ColumnThread<1> t(walk);
  if (t.first >= t.last) return;
  const Index in_y = t.column, in_x = ops::channel_of(order[t.column], walk.columns);
  for (Index row = t.first; row < t.last; row += t.step) {
    if constexpr (Forward) {
      to[row * walk.columns + in_y] = from[row * walk.columns + in_x];
    } else {
      to[row * walk.columns + in_x] = from[row * walk.columns + in_y];
    }
  }
}

template <bool Forward, class T>
void permute(const char* what, const T* order, const T* from, T* to, Index rows, Index c,
             cudaStream_t stream) {
  const ColumnWalk walk(1, rows, c, 1);
  if (walk.blocks() == 0) return;
  launch(what, permutation_kernel<T, Forward>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, order,
         from, to);
}

}  // namespace

template <class T>
void launch_permutation_forward(const T* order, const T* x, T* y, Index rows, Index c, cudaStream_t stream) {
  permute<true>("permutation_forward", order, x, y, rows, c, stream);
}

template <class T>
void launch_permutation_inverse(const T* order, const T* y, T* x, Index rows, Index c, cudaStream_t stream) {
  permute<false>("permutation_inverse", order, y, x, rows, c, stream);
}

#define GLOW_INSTANTIATE(T)                                                                     \
  template void launch_permutation_forward(const T*, const T*, T*, Index, Index, cudaStream_t); \
  template void launch_permutation_inverse(const T*, const T*, T*, Index, Index, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
