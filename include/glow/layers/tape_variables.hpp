// Parameters as variables of a tape, for layers and networks that are written in tape operations.
#pragma once

#include <glow/ad/tape.hpp>
#include <glow/layers/params.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// Parameters of a layer or network L as variables of `tape`: leaves with gradients where `grad` is given,
// else constants.
template <class L, class T, class D>
typename L::template Params<Var<T, D>> as_variables(const L& layer, Tape<T, D>& tape,
                                                    typename L::template Params<View<T, D>> p,
                                                    typename L::template Params<View<T, D>>* grad) {
  auto vars = blank_params<Var<T, D>>(layer);
  const Leaves<Var<T, D>> to(vars);
  const Leaves<View<T, D>> values(p);
  for (std::size_t i = 0; i < values.size(); ++i) *to[i].leaf = tape.constant(*values[i].leaf);
  if (grad == nullptr) return vars;
  const Leaves<View<T, D>> gradients(*grad);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_trainable(values[i].role)) *to[i].leaf = tape.leaf(*values[i].leaf, *gradients[i].leaf);
  }
  return vars;
}

}  // namespace glow::detail
