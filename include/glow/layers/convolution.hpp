// The parameters of a convolution, of which networks and priors are made.
#pragma once

#include <glow/layers/params.hpp>
#include <glow/ops/cpu/conv3x3.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Parameters of a convolution: its kernel, its bias, and the kernel as an operand of products,
/// forward and transposed.
template <class Leaf>
struct Convolution {
  Leaf kernel, bias, packed, packed_t;

  template <class F>
  void visit(F&& f) {
    f("kernel", kernel, Role::weight);
    f("bias", bias);
    f("packed", packed, Role::derived);
    f("packed_t", packed_t, Role::derived);
  }
};

/// Shapes of a 3x3 convolution of c channels to o, which ops::conv3x3_pack packs.
inline Convolution<Shape> declare_conv3x3(Index c, Index o) {
  return {{3, 3, c, o}, {o}, ops::packed_shape(ops::taps * c, o), ops::packed_shape(ops::taps * o, c)};
}

}  // namespace glow
