// A Coupling, and the ActNorm and Conv1x1 of the step after it or, in the inverse, of its own step, as one
// layer on a GPU: Flow finds these functions (see flow/fused.hpp) where the three stand side by side. There
// is none for the backward pass, in which the networks' gradients stand between them.
#pragma once

#include <glow/layers/actnorm.hpp>
#include <glow/layers/actnorm_any_permutation.hpp>
#include <glow/layers/any_map.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/cuda/actnorm_conv1x1.hpp>
#include <glow/ops/cuda/coupling_actnorm_conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// x -> y in place; pass.logdet[n] += log|det dy/dx| unless it is empty.
template <class T>
void fused_forward(const Coupling& coupling, const ActNorm&, const Conv1x1&,
                   const Coupling::Params<View<T, Cuda>>& n, const ActNorm::Params<View<T, Cuda>>& a,
                   const Conv1x1::Params<View<T, Cuda>>& c, View<T, Cuda> x, PassOf<T, Cuda> pass) {
  const JoinedContext<T, Cuda> joined = coupling.read(x, pass);
  coupling_actnorm_conv1x1_forward(coupling.net().packed(n), a.bias, a.log_scale, c.packed_weight, c.log_s, x,
                                   pass.logdet, {joined.values(), {}});
}

/// y -> x in place; pass.logdet[n] -= log|det dy/dx| unless it is empty.
template <class T>
void fused_inverse(const ActNorm&, const Conv1x1&, const Coupling& coupling,
                   const ActNorm::Params<View<T, Cuda>>& a, const Conv1x1::Params<View<T, Cuda>>& c,
                   const Coupling::Params<View<T, Cuda>>& n, View<T, Cuda> y, PassOf<T, Cuda> pass) {
  const JoinedContext<T, Cuda> joined = coupling.read(y, pass);
  coupling_actnorm_conv1x1_inverse(coupling.net().packed(n), a.bias, a.log_scale, c.packed_inverse, c.log_s,
                                   y, pass.logdet, {joined.values(), {}});
}

/// x -> y in place, for a map that is chosen at run time; that of Coupling is in the same pass.
template <class T>
void fused_forward(const AnyCoupling& coupling, const ActNorm& actnorm, const Conv1x1& conv1x1,
                   const AnyCoupling::Params<View<T, Cuda>>& n, const ActNorm::Params<View<T, Cuda>>& a,
                   const Conv1x1::Params<View<T, Cuda>>& c, View<T, Cuda> x, PassOf<T, Cuda> pass) {
  if (coupling.map().chosen == CouplingMap::affine)
    return fused_forward(Coupling(coupling.net(), coupling.context()), actnorm, conv1x1, n, a, c, x, pass);
  coupling.forward(n, x, pass);
  fused_forward(actnorm, conv1x1, a, c, x, pass);
}

/// y -> x in place, likewise.
template <class T>
void fused_inverse(const ActNorm& actnorm, const Conv1x1& conv1x1, const AnyCoupling& coupling,
                   const ActNorm::Params<View<T, Cuda>>& a, const Conv1x1::Params<View<T, Cuda>>& c,
                   const AnyCoupling::Params<View<T, Cuda>>& n, View<T, Cuda> y, PassOf<T, Cuda> pass) {
  if (coupling.map().chosen == CouplingMap::affine)
    return fused_inverse(actnorm, conv1x1, Coupling(coupling.net(), coupling.context()), a, c, n, y, pass);
  coupling.inverse(n, y, pass);
  fused_inverse(actnorm, conv1x1, a, c, y, pass);
}

/// x -> y in place, for either coupling and a layer that is chosen at run time; Conv1x1 is in the same pass.
template <class C, class T>
requires std::same_as<C, Coupling> || std::same_as<C, AnyCoupling>
void fused_forward(const C& coupling, const ActNorm& actnorm, const AnyPermutation& any,
                   const typename C::template Params<View<T, Cuda>>& n,
                   const ActNorm::Params<View<T, Cuda>>& a, const AnyPermutation::Params<View<T, Cuda>>& p,
                   View<T, Cuda> x, PassOf<T, Cuda> pass) {
  any.with_layer([&]<class L>(const L& layer) {
    if constexpr (std::same_as<L, Conv1x1>) {
      fused_forward(coupling, actnorm, layer, n, a, p.template of<L>(), x, pass);
    } else {
      coupling.forward(n, x, pass);
      fused_forward(actnorm, any, a, p, x, pass);
    }
  });
}

/// y -> x in place, likewise.
template <class C, class T>
requires std::same_as<C, Coupling> || std::same_as<C, AnyCoupling>
void fused_inverse(const ActNorm& actnorm, const AnyPermutation& any, const C& coupling,
                   const ActNorm::Params<View<T, Cuda>>& a, const AnyPermutation::Params<View<T, Cuda>>& p,
                   const typename C::template Params<View<T, Cuda>>& n, View<T, Cuda> y,
                   PassOf<T, Cuda> pass) {
  any.with_layer([&]<class L>(const L& layer) {
    if constexpr (std::same_as<L, Conv1x1>) {
      fused_inverse(actnorm, layer, coupling, a, p.template of<L>(), n, y, pass);
    } else {
      coupling.inverse(n, y, pass);
      fused_inverse(actnorm, any, a, p, y, pass);
    }
  });
}

}  // namespace glow
