// Linear: y = W x at every position, W = L (U + diag(exp(log_s))) from the identity. Source: C. Durkan, A.
// Bekasov, I. Murray, G. Papamakarios, Neural Spline Flows, NeurIPS 2019, section 3.2.
#pragma once

#include <glow/layers/conv1x1.hpp>
#include <glow/ops/cpu/pointwise.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Conv1x1 that starts as the identity, not as a rotation. For tables: their columns stay apart until
/// training mixes them. It orders nothing, so a Permutation goes before it.
struct Linear : Conv1x1 {
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random) const {
    const Index c = p.log_s.size();
    for (Index i = 0; i < c; ++i) fill(View<T, D>(p.permutation.data() + i * (c + 1), {1}), 1);
    fill(p.sign_s, 1);
  }
};

}  // namespace glow
