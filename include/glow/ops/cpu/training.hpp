// The scalar steps of training: state that goes on, the loss. The rules are in ops/step_state.hpp.
#pragma once

#include <glow/core/tensor.hpp>
#include <glow/ops/bits_per_dim.hpp>
#include <glow/ops/step_state.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// begin(state[0], rule)
inline void begin_step(View<StepState, Cpu> state, const StepRule& rule) { begin(state[0], rule); }

/// judge(state[0], rule)
inline void judge_step(View<StepState, Cpu> state, const StepRule& rule) { judge(state[0], rule); }

/// mean[0] = mean of bits_per_dim over images with logpz [N] and logdet [N].
template <class T>
void mean_bits_per_dim(View<const T, Cpu> logpz, View<const std::type_identity_t<T>, Cpu> logdet,
                       Index dimensions, int bins, View<double, Cpu> mean) {
  const Index n = logpz.size();
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    sum += bits_per_dim(static_cast<double>(logpz[i]), static_cast<double>(logdet[i]), dimensions, bins) /
           static_cast<double>(n);
  }
  mean[0] = sum;
}

}  // namespace glow::ops
