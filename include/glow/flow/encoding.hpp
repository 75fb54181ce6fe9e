// Encoding: what a batch of samples is to a model.
#pragma once

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Latents and the terms of the likelihood, of N samples.
template <class T, class D = Cpu>
struct Encoding {
  Tensor<T, D> latents;  ///< packed, in the shape of the samples: see Model::latent
  Tensor<T, D> logdet;   ///< [N] log|det dz/dx|
  Tensor<T, D> logpz;    ///< [N] log p(z); log p(x) = logpz + logdet
};

}  // namespace glow
