// Pass: what rides along with a batch through the verbs of layers.
#pragma once

#include <type_traits>

#include <glow/core/tensor.hpp>
#include <glow/layers/kept.hpp>
#include <glow/layers/probe.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a verb takes besides parameters and batch. Containers hand it on untouched, and a layer reads the
/// parts that it needs; one that needs the log-determinant alone may take a View in its place.
template <class T, class D = Cpu>
struct Pass {
  View<T, D> logdet;         ///< [N], to add to; in backward its cotangent. Empty for none
  Kept<D>* kept = nullptr;   ///< what training sets aside in forward for backward; null for nothing
  View<const T, D> context;  ///< [N, E] or [N, H, W, E], which the batch is conditional on; empty for none
  View<T, D> d_context;      ///< in backward: += the gradient of the context; empty where it is not wanted
  Probe<T, D>* probe = nullptr;       ///< who listens to the layers; null for nobody
  const LayerPlace* place = nullptr;  ///< for a probe: the container that hands the pass on

  Pass() = default;
  /// A log-determinant alone is a pass.
  Pass(View<T, D> log_determinant, Kept<D>* records = nullptr) : logdet(log_determinant), kept(records) {}
};

/// A Pass as a verb's parameter whose T and D other parameters tell, so that a View will do as argument.
template <class T, class D>
using PassOf = std::type_identity_t<Pass<T, D>>;

}  // namespace glow
