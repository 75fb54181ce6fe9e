// The parameters of a convolution, of which networks and priors are made.
#pragma once

#include <glow/layers/params.hpp>

namespace glow {

/// Parameters of a convolution: its kernel, its bias, and the kernel as an operand of products,
/// forward and transposed.
template <class Leaf>
struct Convolution {
  Leaf kernel, bias, packed, packed_t;

  template <class F>
  void visit(F&& f) {
    f("kernel", kernel);
    f("bias", bias);
    f("packed", packed, Role::derived);
    f("packed_t", packed_t, Role::derived);
  }
};

}  // namespace glow
