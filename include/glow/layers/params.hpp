// Parameters as plain data. A layer's `Params<Leaf>` is one struct for three uses: Leaf = Shape declares the
// shapes, Leaf = View holds the numbers (values and gradients alike), Leaf = Var is what tape-recorded code
// sees. Its member `visit(f)` calls f(name, leaf) or f(name, leaf, role) for every leaf, always in the same
// order.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow {

/// What becomes of a leaf: `trainable` is optimised and saved, `constant` is only saved, `derived` is
/// computed from the others and neither. Gradients have trainable leaves only; their other views are empty.
enum class Role { trainable, constant, derived };

/// Parameters of a layer that has none.
template <class Leaf>
struct NoParams {
  template <class F>
  void visit(F&&) {}
};

/// Wraps a visitor so that it sees names with `prefix` and a slash before them; an empty prefix changes
/// nothing.
template <class F>
auto with_prefix(std::string prefix, F& f) {
  if (!prefix.empty()) prefix += "/";
  return [prefix = std::move(prefix), &f](std::string_view name, auto& leaf, Role role = Role::trainable) {
    f(prefix + std::string(name), leaf, role);
  };
}

/// Empty parameters of a layer: `layer.blank<Leaf>()` where a layer's parameters have a size of their own (a
/// repeated layer), else a default-made `Params<Leaf>`.
template <class Leaf, class Layer>
typename Layer::template Params<Leaf> blank_params(const Layer& layer) {
  if constexpr (requires { layer.template blank<Leaf>(); }) {
    return layer.template blank<Leaf>();
  } else {
    return {};
  }
}

/// Calls fn(leaf_a, leaf_b, role) for the leaves of two parameter sets of the same layer, side by side; LeafA
/// is the leaf type of `a`.
template <class LeafA, class A, class B, class F>
void visit_pairs(A& a, B& b, F fn) {
  static thread_local std::vector<LeafA*> leaves;  // kept, so that repeated calls allocate nothing
  const std::size_t base = leaves.size();
  a.visit([](std::string_view, LeafA& leaf, Role = Role::trainable) { leaves.push_back(&leaf); });
  std::size_t i = base;
  b.visit([&](std::string_view, auto& leaf, Role role = Role::trainable) { fn(*leaves[i++], leaf, role); });
  leaves.resize(base);
}

}  // namespace glow
