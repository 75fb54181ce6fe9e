// Parameters as variables of a tape, for layers and networks that are written in tape operations.
#pragma once

#include <glow/ad/tape.hpp>
#include <glow/layers/params.hpp>

namespace glow::detail {

// Parameters of a layer or network L as variables of `tape`: leaves with gradients where `grad` is given,
// else constants.
template <class L, class T, class D>
typename L::template Params<Var<T, D>> as_variables(const L& layer, Tape<T, D>& tape,
                                                    typename L::template Params<View<T, D>> p,
                                                    typename L::template Params<View<T, D>>* grad) {
  auto vars = blank_params<Var<T, D>>(layer);
  visit_pairs<View<T, D>>(p, vars,
                          [&](View<T, D>& value, Var<T, D>& var, Role) { var = tape.constant(value); });
  if (grad == nullptr) return vars;
  visit_pairs<View<T, D>>(*grad, vars, [&](View<T, D>& g, Var<T, D>& var, Role role) {
    if (role == Role::trainable) var = tape.leaf(var.value(), g);
  });
  return vars;
}

}  // namespace glow::detail
