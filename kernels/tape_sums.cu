// Sums of runs on the tape, y[n] += sum over j of x[n, j] in a fixed order, and dx[n, j] += dy[n]; both +=.
#include <glow/ops/kernels/logdet.hpp>
#include <glow/ops/kernels/tape.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

template <class T>
__global__ void __launch_bounds__(walkers)
    tape_sum_runs_kernel(ColumnWalk walk, const T* __restrict__ x, T* __restrict__ part) {
  const ColumnThread<1> t(walk);
  T sum[1][1] = {};
  for (Index i = t.first; i < t.last; i += t.step) sum[0][0] += x[i];
  write_part(walk, t, sum, part);
}

template <class T>
__global__ void __launch_bounds__(256)
    tape_sum_runs_pull_kernel(const T* __restrict__ dy, T* __restrict__ dx, Index size, Index run) {
  const Index i = Index{blockIdx.x} * 256 + threadIdx.x;
  if (i < size) dx[i] += dy[i / run];
}

}  // namespace

template <class T>
void launch_tape_sum_runs(const T* x, T* y, Index runs, Index run, T* part, cudaStream_t stream) {
  if (runs == 0 || run == 0) return;
  const ColumnWalk walk(runs, run, 1, 1);
  launch("tape_sum_runs", tape_sum_runs_kernel<T>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, x,
         part);
  launch_add_parts(part, Index{walk.chunks}, T(1), y, runs, stream);
}

template <class T>
void launch_tape_sum_runs_pull(const T* dy, T* dx, Index runs, Index run, cudaStream_t stream) {
  const Index size = runs * run;
  if (size == 0) return;
  launch("tape_sum_runs_pull", tape_sum_runs_pull_kernel<T>, dim3(blocks_of(size, 256)), dim3(256), 0, stream,
         dy, dx, size, run);
}

template void launch_tape_sum_runs(const float*, float*, Index, Index, float*, cudaStream_t);
template void launch_tape_sum_runs(const double*, double*, Index, Index, double*, cudaStream_t);
template void launch_tape_sum_runs_pull(const float*, float*, Index, Index, cudaStream_t);
template void launch_tape_sum_runs_pull(const double*, double*, Index, Index, cudaStream_t);

}  // namespace glow::kernels
