// The network of a coupling on images: conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU, conv3x3 (w -> o) from
// zeros. Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS
// 2018, section 3.3 and appendix B; options are those of its published code.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <glow/ad/ops.hpp>
#include <glow/core/random.hpp>
#include <glow/layers/actnorm.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/kept.hpp>
#include <glow/layers/net_convolution.hpp>
#include <glow/layers/tape_variables.hpp>
#include <glow/ops/cpu/coupling.hpp>
#include <glow/ops/network_operand.hpp>

namespace glow {

/// A conditioner: it makes numbers of the channels that a coupling leaves as they are.
class ConvNet {
 public:
  template <class Leaf>
  struct Params {
    NetConvolution<Leaf> conv1;  ///< kernel [3, 3, c, w], or c + 1 with an edge channel; bias [w]
    NetConvolution<Leaf> conv2;  ///< kernel [w, w]: from hidden unit, to hidden unit; bias [w]
    NetConvolution<Leaf> conv3;  ///< kernel [3, 3, w, o], or w + 1; bias [o]

    template <class F>
    void visit(F&& f) {
      conv1.visit(with_prefix("conv1", f));
      conv2.visit(with_prefix("conv2", f));
      conv3.visit(with_prefix("conv3", f));
    }
  };

  /// `width`: channels of the hidden layers; throws ShapeError below 1.
  explicit ConvNet(Index width = 512, Precision precision = Precision::full, ConvNetOptions options = {})
      : width_(width), precision_(precision), options_(options) {
    require<ShapeError>(width >= 1, "Coupling: width ", width, " must be at least 1");
  }
  explicit ConvNet(const Architecture& a) : ConvNet(a.width, a.precision, a.network) {}

  /// Channels of the hidden layers.
  Index width() const { return width_; }
  /// Of the matrix products.
  Precision precision() const { return precision_; }
  const ConvNetOptions& options() const { return options_; }

  template <class Leaf>
  Params<Leaf> blank() const {
    const auto conv = [&](bool scaled) {
      NetConvolution<Leaf> c;
      if (scaled) c.log_scale.emplace();
      if (options_.folded()) c.used_bias.emplace();
      return c;
    };
    return {conv(options_.actnorm), conv(options_.actnorm), conv(options_.scaled_output)};
  }

  /// For an input of shape x [N, H, W, c], of which it makes `outputs` channels. An edge channel is not
  /// counted in c, but given to ops as one more channel of ones.
  template <class D = Cpu>
  Params<Shape> declare(const Shape& x, Index outputs) const {
    const Index w = width_, inputs = x.back() + options_.edges;
    Params<Shape> p = blank<Shape>();
    // Its packed form is an operand [k, n], and has a bias of its own.
    const auto set = [](NetConvolution<Shape>& conv, const Shape& kernel, Index k, Index n, Index biases) {
      const Shape bias{kernel.back()};
      conv.kernel = kernel, conv.bias = bias;
      conv.packed = network_operand_shape(D(), k, n), conv.packed_t = network_operand_shape(D(), n, k);
      if (conv.log_scale) conv.log_scale = bias;
      if (conv.used_bias) conv.used_bias = Shape{biases};
    };
    set(p.conv1, {3, 3, inputs, w}, ops::taps * inputs, units(), units());
    set(p.conv2, {w, w}, units(), units(), units());
    set(p.conv3, {3, 3, units(), outputs}, units(), ops::taps * outputs, outputs);
    return p;
  }

  /// Bytes that training may keep for `pixels` pixels: the second hidden layer's activations with the output,
  /// and the first's.
  template <class T>
  ActivationBytes activations(Index outputs, Index pixels) const {
    return ops::coupling_record_bytes<T>(precision_, units(), outputs, pixels);
  }

  /// The first two kernels from N(0, 1 / fan-in), so that activations keep their scale; the rest stays zero,
  /// so that the output starts as zeros.
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    initialize_kernel(p.conv1.kernel, p.conv1.kernel.size() / width_, random.fork(0));
    initialize_kernel(p.conv2.kernel, width_, random.fork(1));
  }

  /// Starts the ActNorms in hidden layers from a first input x [N, H, W, c], with the edge channel, if there
  /// is one; some thousand pixels of it do.
  template <class T, class D>
  void start(Params<View<T, D>>& p, Var<T, D> x) const {
    if (!options_.actnorm) return;
    const Index images = (start_pixels - 1) / (x.height() * x.width()) + 1;
    x = slice(x, 0, 0, std::min(images, x.batch()));
    const auto start_layer = [&](NetConvolution<View<T, D>>& conv, Var<T, D> h) {
      ActNorm::Params<View<T, D>> scale{conv.bias, *conv.log_scale};
      ActNorm().start(scale, h.value());
      ActNorm().forward(scale, h.value(), View<T, D>());
      return relu(h);
    };
    const auto h1 = start_layer(p.conv1, conv3x3(x, x.tape().constant(p.conv1.kernel)));
    start_layer(p.conv2, conv1x1(h1, transpose(x.tape().constant(p.conv2.kernel))));
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    const auto pack = [&](View<T, D> kernel1, View<T, D> kernel2, View<T, D> kernel3) {
      network_pack(precision_, kernel1, kernel2, kernel3, p.conv1.packed, p.conv2.packed, p.conv3.packed,
                   p.conv1.packed_t, p.conv2.packed_t, p.conv3.packed_t);
    };
    if (!options_.folded()) return pack(p.conv1.kernel, p.conv2.kernel, p.conv3.kernel);
    Tape<T, D> tape(Recording::no);
    const auto [a, b, c] = fold(detail::as_variables<ConvNet, T, D>(*this, tape, p, nullptr));
    pack(a.kernel.value(), b.kernel.value(), c.kernel.value());
    copy(a.bias.value(), *p.conv1.used_bias);
    copy(b.bias.value(), *p.conv2.used_bias);
    copy(c.bias.value(), *p.conv3.used_bias);
  }

  /// The network as ops take it.
  template <class T, class D>
  ops::PackedNetwork<T> packed(const Params<View<T, D>>& p) const {
    const auto bias = [](const NetConvolution<View<T, D>>& conv) {
      return (conv.used_bias ? *conv.used_bias : conv.bias).data();
    };
    return {precision_,
            p.conv1.kernel.shape()[2],
            units(),
            p.conv3.bias.size(),
            p.conv1.packed.data(),
            p.conv2.packed.data(),
            p.conv3.packed.data(),
            p.conv1.packed_t.data(),
            p.conv2.packed_t.data(),
            p.conv3.packed_t.data(),
            bias(p.conv1),
            bias(p.conv2),
            bias(p.conv3)};
  }

  /// grad += the pull-back of what fn(gradient) adds to the gradient of the network as ops take it.
  template <class T, class D, class F>
  void with_gradient(const Params<View<T, D>>& p, Params<View<T, D>>& grad, F fn) const {
    if (!options_.folded()) {
      return fn(gradient_in(grad.conv1.kernel, grad.conv2.kernel, grad.conv3.kernel, grad.conv1.bias,
                            grad.conv2.bias, grad.conv3.bias));
    }
    Tape<T, D> tape;
    const auto [a, b, c] = fold(detail::as_variables<ConvNet, T, D>(*this, tape, p, &grad));
    fn(gradient_in(a.kernel.grad(), b.kernel.grad(), c.kernel.grad(), a.bias.grad(), b.bias.grad(),
                   c.bias.grad()));
    tape.pull_back();
  }

 private:
  // Pixels from which hidden layers start: enough for the moments of any width, of bounded memory.
  static constexpr Index start_pixels = 8192;
  // Of the output's log-scale.
  static constexpr int output_factor = 3;

  // One of the convolutions that are packed.
  template <class V>
  struct Folded {
    V kernel, bias;
  };

  // Hidden units of the packed convolutions: the last one's edge channel is a unit that is always 1.
  Index units() const { return width_ + options_.edges; }

  // x and one more element along an axis, which is 0.
  template <class V>
  static V widened(V x, int axis) {
    return concat(x, slice(x, axis, 0, 1) * 0, axis);
  }

  // The packed convolutions: log-scales are in their kernels and biases.
  template <class V>
  std::array<Folded<V>, 3> fold(const Params<V>& p) const {
    const auto scaled = [](const NetConvolution<V>& conv, int factor) -> Folded<V> {
      if (!conv.log_scale) return {conv.kernel, conv.bias};
      const V scale = exp(*conv.log_scale * factor);
      return {conv.kernel * scale, conv.bias * scale};
    };
    Folded<V> a = scaled(p.conv1, 1), b = scaled(p.conv2, 1), c = scaled(p.conv3, output_factor);
    if (options_.edges) {
      a = {widened(a.kernel, -1), widened(a.bias, 0)};
      b = {widened(widened(b.kernel, 0), 1), concat(b.bias, slice(b.bias, 0, 0, 1) * 0 + 1, 0)};
    }
    return {a, b, c};
  }

  template <class T, class D>
  static ops::NetworkGradient<T> gradient_in(View<T, D> kernel1, View<T, D> kernel2, View<T, D> kernel3,
                                             View<T, D> bias1, View<T, D> bias2, View<T, D> bias3) {
    return {kernel1.data(), kernel2.data(), kernel3.data(), bias1.data(), bias2.data(), bias3.data()};
  }

  template <class T, class D>
  static void initialize_kernel(View<T, D> kernel, Index fan_in, Random random) {
    fill_normal(kernel, random, static_cast<T>(1 / std::sqrt(static_cast<double>(fan_in))));
  }

  Index width_;
  Precision precision_;
  ConvNetOptions options_;
};

}  // namespace glow
