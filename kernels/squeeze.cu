// Squeeze, y[n, i, j, (dy * 2 + dx) * C + c] = x[n, 2i + dy, 2j + dx, c]. Rows of 2 C elements lie side by
// side in x and in y, so that both directions are copies of such runs, in vectors where their size allows it.
// Outputs are written (=), never added to. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation
// Using Real NVP, ICLR 2017, section 3.6.
#include <cstdint>

#include <glow/ops/kernels/squeeze.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// One thread a piece of V: `pieces` of them make a run, `pairs` runs of an image row. Piece i of x, counted
// through the batch, is piece `run * pieces + i % pieces` of y. I is 32 bits wide where that is enough, since
// divisions of 64 bits would take longer than the copy.
template <class V, class I, bool Forward>
__global__ void __launch_bounds__(256)
    squeeze_kernel(const V* __restrict__ from, V* __restrict__ to, I count, I pairs, I pieces) {
  const I i = I{blockIdx.x} * 256 + threadIdx.x;
  if (i >= count) return;
  const I run = i / pieces, row = run / pairs, column = run - row * pairs;
  const I in_y = ((row / 2 * pairs + column) * 2 + row % 2) * pieces + (i - run * pieces);
  if constexpr (Forward) {
    to[in_y] = from[i];
  } else {
    to[i] = from[in_y];
  }
}

template <class V, class I, bool Forward, class T>
void copy_pieces(const T* from, T* to, Index count, Index pairs, Index pieces, cudaStream_t stream) {
  launch("squeeze", squeeze_kernel<V, I, Forward>, dim3(blocks_of(count, 256)), dim3(256), 0, stream,
         reinterpret_cast<const V*>(from), reinterpret_cast<V*>(to), static_cast<I>(count),
         static_cast<I>(pairs), static_cast<I>(pieces));
}

template <class V, bool Forward, class T>
void copy_runs(const T* from, T* to, Index n, Index h, Index w, Index run_bytes, cudaStream_t stream) {
  const Index pieces = run_bytes / static_cast<Index>(sizeof(V)), count = n * h * (w / 2) * pieces;
  if (count == 0) return;
  if (count < Index{1} << 31) {
    copy_pieces<V, unsigned, Forward>(from, to, count, w / 2, pieces, stream);
  } else {
    copy_pieces<V, unsigned long long, Forward>(from, to, count, w / 2, pieces, stream);
  }
}

template <bool Forward, class T>
void launch_runs(const T* from, T* to, Index n, Index h, Index w, Index c, cudaStream_t stream) {
  const Index run_bytes = 2 * c * static_cast<Index>(sizeof(T));
  const std::uintptr_t alignment = reinterpret_cast<std::uintptr_t>(from) |
                                   reinterpret_cast<std::uintptr_t>(to) |
                                   static_cast<std::uintptr_t>(run_bytes);
  if (alignment % 16 == 0) {
    copy_runs<uint4, Forward>(from, to, n, h, w, run_bytes, stream);
  } else if (alignment % 8 == 0) {
    copy_runs<uint2, Forward>(from, to, n, h, w, run_bytes, stream);
  } else {
    copy_runs<T, Forward>(from, to, n, h, w, run_bytes, stream);
  }
}

}  // namespace

template <class T>
void launch_squeeze_forward(const T* x, T* y, Index n, Index h, Index w, Index c, cudaStream_t stream) {
  launch_runs<true>(x, y, n, h, w, c, stream);
}

template <class T>
void launch_squeeze_inverse(const T* y, T* x, Index n, Index h, Index w, Index c, cudaStream_t stream) {
  launch_runs<false>(y, x, n, h, w, c, stream);
}

template void launch_squeeze_forward(const float*, float*, Index, Index, Index, Index, cudaStream_t);
template void launch_squeeze_forward(const double*, double*, Index, Index, Index, Index, cudaStream_t);
template void launch_squeeze_inverse(const float*, float*, Index, Index, Index, Index, cudaStream_t);
template void launch_squeeze_inverse(const double*, double*, Index, Index, Index, Index, cudaStream_t);

}  // namespace glow::kernels
