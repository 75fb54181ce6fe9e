// The parameters of a convolution in a network with options.
#pragma once

#include <optional>

#include <glow/layers/convolution.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Parameters of a convolution whose output may be scaled: (x * kernel + bias) exp(f log_scale), f being the
/// network's. What options add is folded into another convolution, the one that is packed.
template <class Leaf>
struct NetConvolution : Convolution<Leaf> {
  std::optional<Leaf> log_scale;  ///< [o]; none where the output is not scaled
  std::optional<Leaf> used_bias;  ///< derived; none in a network without options, which packs `bias`

  template <class F>
  void visit(F&& f) {
    Convolution<Leaf>::visit(f);
    if (log_scale) f("log_scale", *log_scale);
    if (used_bias) f("used_bias", *used_bias, Role::derived);
  }
};

}  // namespace glow
