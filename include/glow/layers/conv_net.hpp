// The network of a coupling on images: conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU, conv3x3 (w -> o) from
// zeros. Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS
// 2018, section 3.3 and appendix B.
#pragma once

#include <cmath>

#include <glow/core/random.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/convolution.hpp>
#include <glow/layers/kept.hpp>
#include <glow/layers/params.hpp>
#include <glow/ops/cpu/coupling.hpp>

namespace glow {

/// A conditioner: it makes numbers of the channels that a coupling leaves as they are.
class ConvNet {
 public:
  template <class Leaf>
  struct Params {
    Convolution<Leaf> conv1;  ///< kernel [3, 3, c, w], bias [w]
    Convolution<Leaf> conv2;  ///< kernel [w, w]: from hidden unit, to hidden unit; bias [w]
    Convolution<Leaf> conv3;  ///< kernel [3, 3, w, o], bias [o]

    template <class F>
    void visit(F&& f) {
      conv1.visit(with_prefix("conv1", f));
      conv2.visit(with_prefix("conv2", f));
      conv3.visit(with_prefix("conv3", f));
    }
  };

  /// `width`: channels of the hidden layers; throws ShapeError below 1.
  explicit ConvNet(Index width = 512, Precision precision = Precision::full)
      : width_(width), precision_(precision) {
    require<ShapeError>(width >= 1, "Coupling: width ", width, " must be at least 1");
  }
  explicit ConvNet(const Architecture& a) : ConvNet(a.width, a.precision) {}

  /// Channels of the hidden layers.
  Index width() const { return width_; }
  /// Of the matrix products.
  Precision precision() const { return precision_; }

  /// For an input of shape x [N, H, W, c], of which it makes `outputs` channels.
  Params<Shape> declare(const Shape& x, Index outputs) const {
    const Index w = width_, inputs = x.back(), in9 = ops::taps * inputs, out9 = ops::taps * outputs;
    const auto operand = [](Index k, Index n) { return ops::network_operand_shape(k, n); };
    return {{{3, 3, inputs, w}, {w}, operand(in9, w), operand(w, in9)},
            {{w, w}, {w}, operand(w, w), operand(w, w)},
            {{3, 3, w, outputs}, {outputs}, operand(w, out9), operand(out9, w)}};
  }

  /// Bytes that training may keep for `pixels` pixels: the second hidden layer's activations with the output,
  /// and the first's.
  template <class T>
  ActivationBytes activations(Index outputs, Index pixels) const {
    return ops::coupling_record_bytes<T>(precision_, width_, outputs, pixels);
  }

  /// The first two kernels from N(0, 1 / fan-in), so that activations keep their scale; the rest stays zero,
  /// so that the output starts as zeros.
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    initialize_kernel(p.conv1.kernel, p.conv1.kernel.size() / width_, random.fork(0));
    initialize_kernel(p.conv2.kernel, width_, random.fork(1));
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    network_pack(precision_, p.conv1.kernel, p.conv2.kernel, p.conv3.kernel, p.conv1.packed, p.conv2.packed,
                 p.conv3.packed, p.conv1.packed_t, p.conv2.packed_t, p.conv3.packed_t);
  }

  /// The network as ops take it.
  template <class T, class D>
  ops::PackedNetwork<T> packed(const Params<View<T, D>>& p) const {
    return {precision_,
            p.conv1.kernel.shape()[2],
            width_,
            p.conv3.bias.size(),
            p.conv1.packed.data(),
            p.conv2.packed.data(),
            p.conv3.packed.data(),
            p.conv1.packed_t.data(),
            p.conv2.packed_t.data(),
            p.conv3.packed_t.data(),
            p.conv1.bias.data(),
            p.conv2.bias.data(),
            p.conv3.bias.data()};
  }

  /// Its gradient as ops take it.
  template <class T, class D>
  static ops::NetworkGradient<T> gradient(const Params<View<T, D>>& grad) {
    return {grad.conv1.kernel.data(), grad.conv2.kernel.data(), grad.conv3.kernel.data(),
            grad.conv1.bias.data(),   grad.conv2.bias.data(),   grad.conv3.bias.data()};
  }

 private:
  template <class T, class D>
  static void initialize_kernel(View<T, D> kernel, Index fan_in, Random random) {
    fill_normal(kernel, random, static_cast<T>(1 / std::sqrt(static_cast<double>(fan_in))));
  }

  Index width_;
  Precision precision_;
};

}  // namespace glow
