// A Coupling, and the ActNorm and Conv1x1 of the step after it or, in the inverse, of its own step, as one
// layer on a GPU: Flow finds these functions (see flow/fused.hpp) where the three stand side by side. There
// is none for the backward pass, in which the networks' gradients stand between them.
#pragma once

#include <glow/layers/actnorm.hpp>
#include <glow/layers/any_map.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/layers/cuda/actnorm_conv1x1.hpp>
#include <glow/ops/cuda/coupling_actnorm_conv1x1.hpp>

namespace glow {

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

}  // namespace glow
