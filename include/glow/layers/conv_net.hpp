// The network of a coupling on images: conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU, conv3x3 (w -> o) from
// zeros. Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS
// 2018, section 3.3 and appendix B; options are those of its published code.
#pragma once

#include <algorithm>
#include <cmath>

#include <glow/ad/functions.hpp>
#include <glow/core/random.hpp>
#include <glow/layers/actnorm.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/folded_convolution.hpp>
#include <glow/layers/kept.hpp>
#include <glow/ops/cpu/conv1x1.hpp>
#include <glow/ops/cpu/conv3x3.hpp>
#include <glow/ops/cpu/coupling.hpp>
#include <glow/ops/cpu/tape.hpp>
#include <glow/ops/network_operand.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

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
  void start(Params<View<T, D>>& p, View<T, D> x) const {
    if (!options_.actnorm) return;
    x = x.samples(0, std::min(x.batch(), (start_pixels - 1) / (x.height() * x.width()) + 1));
    const Index c = p.conv1.kernel.shape()[2];
    const Scratch<T, D> h(x.shape().with_back(width_)), active(h.shape()), zero(Shape{width_});
    const Scratch<T, D> packed1(network_operand_shape(D(), ops::taps * c, width_)),
        packed1_t(network_operand_shape(D(), ops::taps * width_, c)),
        packed2(network_operand_shape(D(), width_, width_)), packed2_t(packed2.shape());
    const auto start_layer = [](NetConvolution<View<T, D>>& conv, View<T, D> output) {
      ActNorm::Params<View<T, D>> scale{conv.bias, *conv.log_scale};
      ActNorm().start(scale, output);
      actnorm_forward(scale.bias, scale.log_scale, output);
    };
    clear(zero.view());
    conv3x3_pack(p.conv1.kernel, packed1.view(), packed1_t.view());
    conv3x3_forward(packed1.view(), zero.view(), {x, 0, c}, h.view());
    start_layer(p.conv1, h.view());
    tape_map(functions::Relu<T>(), h.view(), active.view());
    conv1x1_pack(p.conv2.kernel, packed2.view(), packed2_t.view());
    conv1x1_apply(packed2_t.view(), active.view());
    start_layer(p.conv2, active.view());
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    const auto pack = [&](View<T, D> kernel1, View<T, D> kernel2, View<T, D> kernel3) {
      network_pack(precision_, kernel1, kernel2, kernel3, p.conv1.packed, p.conv2.packed, p.conv3.packed,
                   p.conv1.packed_t, p.conv2.packed_t, p.conv3.packed_t);
    };
    if (!options_.folded()) return pack(p.conv1.kernel, p.conv2.kernel, p.conv3.kernel);
    const FoldedConvolution<T, D> a(p.conv1, fold1()), b(p.conv2, fold2()), c(p.conv3, fold3());
    const auto fold = [](const FoldedConvolution<T, D>& folded, NetConvolution<View<T, D>>& conv) {
      folded.fold(conv);
      copy(folded.bias().as(conv.used_bias->shape()), *conv.used_bias);
    };
    fold(a, p.conv1);
    fold(b, p.conv2);
    fold(c, p.conv3);
    pack(a.kernel().as({3, 3, p.conv1.kernel.shape()[2], units()}), b.kernel(),
         c.kernel().as(p.conv3.kernel.shape()));
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
    const FoldedConvolution<T, D> a(p.conv1, fold1()), b(p.conv2, fold2()), c(p.conv3, fold3());
    fn(gradient_in(a.kernel(), b.kernel(), c.kernel(), a.bias(), b.bias(), c.bias()));
    a.pull_back(p.conv1, grad.conv1);
    b.pull_back(p.conv2, grad.conv2);
    c.pull_back(p.conv3, grad.conv3);
  }

 private:
  // Pixels from which hidden layers start: enough for the moments of any width, of bounded memory.
  static constexpr Index start_pixels = 8192;
  // Hidden units of the packed convolutions: the last one's edge channel is a unit that is always 1.
  Index units() const { return width_ + options_.edges; }

  ConvolutionFold fold1() const { return {.outputs = options_.edges}; }
  ConvolutionFold fold2() const { return {.inputs = options_.edges, .outputs = options_.edges, .bias = 1}; }
  ConvolutionFold fold3() const { return {.factor = 3}; }

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
