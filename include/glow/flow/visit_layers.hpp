// The layers of a net by name.
#pragma once

#include <string>

#include <glow/layers/params.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// "prefix/name", or one of them where the other is empty.
inline std::string name_within(const std::string& prefix, std::string_view name) {
  return name.empty() ? prefix : prefixed(prefix, name);
}

}  // namespace detail

/// Calls fn(name, layer) for each layer within `layer`, in the order of forward, by the name that its
/// parameters begin with and that a probe hears: "level1/step2/coupling". Containers have a member
/// visit_layers(name, fn) that does so; any other layer is one by itself, called `name`. Of a layer that is
/// chosen when the program runs, fn sees the chosen one.
template <class L, class F>
void visit_layers(const L& layer, const std::string& name, F&& fn) {
  if constexpr (requires { layer.visit_layers(name, fn); }) {
    layer.visit_layers(name, fn);
  } else if constexpr (requires { layer.chosen_name(); }) {
    layer.with_layer([&](const auto& chosen) { fn(name, chosen); });
  } else {
    fn(name, layer);
  }
}

}  // namespace glow
