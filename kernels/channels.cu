// Cutting and joining along the channels, x [rows, A + B] = [a | b], where b's rows may be squeezed pixels; a
// row repeated; the sum over rows. Outputs are written (=), but for the sum, which is added to (+=).
#include <glow/ops/kernels/channels.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// The walk is over x, vectors never cross from a into b.
template <class T, int N, bool Split>
__global__ void __launch_bounds__(walkers)
    split_join_kernel(ColumnWalk walk, T* __restrict__ x, T* __restrict__ a, T* __restrict__ b, Index ca,
                      ops::PixelOrder order) {
  const ColumnThread<N> t(walk);
  const bool in_a = t.column < ca;
  T* const half = in_a ? a + t.column : b + (t.column - ca);
  const Index width = in_a ? ca : walk.columns - ca;
  for (Index row = t.first; row < t.last; row += t.step) {
    T* const in_x = x + row * walk.columns + t.column;
    T* const in_half = half + (in_a ? row : order(row)) * width;
    if constexpr (Split) {
      store(in_half, load<N>(in_x));
    } else {
      store(in_x, load<N>(in_half));
    }
  }
}

template <bool Split, class T>
void split_or_join(const char* what, T* x, T* a, T* b, Index rows, Index ca, Index cb, ops::PixelOrder order,
                   cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, ca + cb, N);
        if (walk.blocks() == 0) return;
        launch(what, split_join_kernel<T, N, Split>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, x,
               a, b, ca, order);
      },
      ca | cb, x, a, b);
}

template <class T, int N>
__global__ void __launch_bounds__(walkers)
    repeat_row_kernel(ColumnWalk walk, const T* __restrict__ row, T* __restrict__ x) {
  const ColumnThread<N> t(walk);
  if (t.first >= t.last) return;
  const Vector<T, N> value = load<N>(row + t.column);
  for (Index r = t.first; r < t.last; r += t.step) store(x + r * walk.columns + t.column, value);
}

template <class T, int N>
__global__ void __launch_bounds__(walkers)
    sum_of_rows_kernel(ColumnWalk walk, const T* __restrict__ x, T* __restrict__ part) {
  const ColumnThread<N> t(walk);
  T sum[1][N] = {};
  for (Index row = t.first; row < t.last; row += t.step) {
    const Vector<T, N> v = load<N>(x + row * walk.columns + t.column);
    for (int j = 0; j < N; ++j) sum[0][j] += v.v[j];
  }
  write_part(walk, t, sum, part);
}

}  // namespace

template <class T>
void launch_split_channels(const T* x, T* a, T* b, Index rows, Index ca, Index cb, ops::PixelOrder order,
                           cudaStream_t stream) {
  split_or_join<true>("split_channels", const_cast<T*>(x), a, b, rows, ca, cb, order, stream);
}

template <class T>
void launch_join_channels(const T* a, const T* b, T* x, Index rows, Index ca, Index cb, ops::PixelOrder order,
                          cudaStream_t stream) {
  split_or_join<false>("join_channels", x, const_cast<T*>(a), const_cast<T*>(b), rows, ca, cb, order, stream);
}

template <class T>
void launch_repeat_row(const T* row, T* x, Index rows, Index c, cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, c, N);
        if (walk.blocks() == 0) return;
        launch("repeat_row", repeat_row_kernel<T, N>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk,
               row, x);
      },
      c, row, x);
}

template <class T>
void launch_sum_of_rows(const T* x, T* part, T* sum, Index rows, Index c, cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, c, N);
        if (walk.blocks() == 0) return;
        launch("sum_of_rows", sum_of_rows_kernel<T, N>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk,
               x, part);
        launch_sum_parts<1>("sum_of_rows", part, walk.parts(), c, AddTo<T>{sum}, stream);
      },
      c, x);
}

#define GLOW_INSTANTIATE(T)                                                                                  \
  template void launch_split_channels(const T*, T*, T*, Index, Index, Index, ops::PixelOrder, cudaStream_t); \
  template void launch_join_channels(const T*, const T*, T*, Index, Index, Index, ops::PixelOrder,           \
                                     cudaStream_t);                                                          \
  template void launch_repeat_row(const T*, T*, Index, Index, cudaStream_t);                                 \
  template void launch_sum_of_rows(const T*, T*, T*, Index, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
