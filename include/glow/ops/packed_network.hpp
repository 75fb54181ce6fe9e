// What the ops of a coupling network (conv3x3, ReLU, conv1x1, ReLU, conv3x3) share on every device: its
// weights as operands of products, and where their gradients go. Layouts of operands are each device's own.
#pragma once

#include <glow/core/precision.hpp>
#include <glow/core/shape.hpp>
#include <glow/ops/neighbours.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Weights of a coupling network in packed form; k1 [9c, w], k2 [w, w], k3 [w, 9o] for the forward products,
/// `_t` their transposes for the backward ones. Biases are plain.
template <class T>
struct PackedNetwork {
  Precision precision;
  Index inputs, width, outputs;  // c, w, o
  const T *k1, *k2, *k3, *k1_t, *k2_t, *k3_t;
  const T *bias1, *bias2, *bias3;
};

/// Gradients of a coupling network, laid out as its kernels are: [3, 3, c, w], [w, w], [3, 3, w, o] and the
/// biases.
template <class T>
struct NetworkGradient {
  T *kernel1, *kernel2, *kernel3, *bias1, *bias2, *bias3;
};

/// Pixels of a batch whose innermost extent lies `stride` apart.
template <class T>
struct Pixels {
  T* data;
  Index stride;
  Index height, width;
};

}  // namespace glow::ops
