// The scalar steps of training: state [1] that goes on, in place; the loss, mean = sum over n of
// bits_per_dim(logpz[n], logdet[n]) / N (=). The equations are those of ops/step_state.hpp and
// ops/bits_per_dim.hpp.
#include <glow/ops/bits_per_dim.hpp>
#include <glow/ops/kernels/training.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

__global__ void __launch_bounds__(1) begin_step_kernel(StepState* state, StepRule rule) {
  begin(*state, rule);
}

__global__ void __launch_bounds__(1) judge_step_kernel(StepState* state, StepRule rule) {
  judge(*state, rule);
}

template <class T>
__global__ void __launch_bounds__(256)
    mean_bits_per_dim_kernel(const T* __restrict__ logpz, const T* __restrict__ logdet, Index n,
                             Index dimensions, int bins, double* __restrict__ mean) {
  double sum = 0;
  for (Index i = threadIdx.x; i < n; i += 256) {
    sum += bits_per_dim(static_cast<double>(logpz[i]), static_cast<double>(logdet[i]), dimensions, bins);
  }
  sum = block_sum<256>(sum);
  if (threadIdx.x == 0) mean[0] = sum / static_cast<double>(n);
}

}  // namespace

void launch_begin_step(StepState* state, const StepRule& rule, cudaStream_t stream) {
  launch("begin_step", begin_step_kernel, dim3(1), dim3(1), 0, stream, state, rule);
}

void launch_judge_step(StepState* state, const StepRule& rule, cudaStream_t stream) {
  launch("judge_step", judge_step_kernel, dim3(1), dim3(1), 0, stream, state, rule);
}

template <class T>
void launch_mean_bits_per_dim(const T* logpz, const T* logdet, Index n, Index dimensions, int bins,
                              double* mean, cudaStream_t stream) {
  launch("mean_bits_per_dim", mean_bits_per_dim_kernel<T>, dim3(1), dim3(256), 0, stream, logpz, logdet, n,
         dimensions, bins, mean);
}

template void launch_mean_bits_per_dim(const float*, const float*, Index, Index, int, double*, cudaStream_t);
template void launch_mean_bits_per_dim(const double*, const double*, Index, Index, int, double*,
                                       cudaStream_t);

}  // namespace glow::kernels
