// The coupling network on a GPU as three convolutions of cuDNN, with bias and ReLU in the first two: for
// models in float, in every precision and size. What is left beside them: the thin tensors' copies, the
// pull-back through ReLU, and the second kernel's gradient, a plain product of cuBLAS.
#pragma once

#include <glow/ops/cuda/chunks.hpp>
#include <glow/ops/cuda/convolution.hpp>
#include <glow/ops/cuda/network_rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Pixels between the convolutions of a pass, without gaps: forward x, h1, h2 and backward dout, d2, d1.
template <class E, OrCounted<Cuda> D>
struct PixelRows {
  Scratch<E, D> first, second, third;  ///< [pixels, channels], [pixels, width], [pixels, width]

  PixelRows(Index pixels, Index channels, Index width)
      : first(Shape{pixels, channels}), second(Shape{pixels, width}), third(Shape{pixels, width}) {}
};

/// One of a network's convolutions over `pixels` pixels of images of x's size.
template <class T>
kernels::Convolution convolution_of(kernels::ConvolutionPass pass, Precision precision, Pixels<T> x,
                                    Index pixels, Index in, Index out, Index side = 3) {
  return {pass, precision, pixels / (x.height * x.width), x.height, x.width, in, out, side};
}

/// Gradients of a network's weights and biases, added up over chunks of pixels. Those of the 3x3 kernels
/// leave cuDNN as E: for bf16 they are sums of float32, rounded once a chunk.
template <class E, OrCounted<Cuda> D>
class ConvolutionGradients {
 public:
  ConvolutionGradients(const PackedNetwork<float>& net, const NetworkGradient<float>& grad, Index pixels)
      : net_(net),
        grad_(grad),
        filter_(Shape{std::max(net.inputs, net.outputs), taps, net.width}),
        sums_(Shape{kernels::column_sum_parts(pixels), std::max(net.width, net.outputs)}) {}

  /// Adds those of `pixels` pixels, given the rows of both passes and dout [pixels, o].
  void add(const PixelRows<E, D>& x, const PixelRows<E, D>& d, Pixels<const float> dout, Index pixels) {
    const Index w = net_.width, c = net_.inputs, o = net_.outputs;
    add_kernel(dout, pixels, x.first.data(), c, d.third.data(), w, grad_.kernel1);
    add_kernel(dout, pixels, x.third.data(), w, d.first.data(), o, grad_.kernel3);
    if constexpr (is_counted<D>) return;
    gemm<E, float>(net_.precision, w, w, pixels, {x.second.data(), w, true}, {d.second.data(), w}, 1,
                   grad_.kernel2, w);
    sum_columns(d.third.data(), pixels, w, grad_.bias1);
    sum_columns(d.second.data(), pixels, w, grad_.bias2);
    sum_columns(dout.data, pixels, o, grad_.bias3);
  }

  void finish() {}

 private:
  void add_kernel(Pixels<const float> dout, Index pixels, const E* x, Index in, const E* dy, Index out,
                  float* kernel) {
    convolve<D>(
        convolution_of(kernels::ConvolutionPass::kernel_gradient, net_.precision, dout, pixels, in, out),
        {x, dy, filter_.data()});
    if constexpr (is_counted<D>) return;
    kernels::launch_add_filter(filter_.data(), {taps, in, out}, kernel, cuda::stream());
  }

  template <class S>
  void sum_columns(const S* x, Index rows, Index columns, float* sum) {
    kernels::launch_add_column_sums(x, rows, columns, columns, sums_.data(), sum, cuda::stream());
  }

  const PackedNetwork<float>& net_;
  const NetworkGradient<float>& grad_;
  Scratch<E, D> filter_;
  Scratch<float, D> sums_;
};

/// Passes of the network with operands of E (float or bf16) over a chunk of whole images. Weights are filters
/// of E: k1 [w, 3, 3, c], k2 [w, w], k3 [o, 3, 3, w].
template <class E, OrCounted<Cuda> D>
struct ConvolutionNetwork {
  using Rows = PixelRows<E, D>;
  using Trace = PixelRows<E, D>;
  using Gradients = ConvolutionGradients<E, D>;

  /// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o]; both directions read the same
  /// memory.
  static void pack(View<const float, Cuda> kernel1, View<const float, Cuda> kernel2,
                   View<const float, Cuda> kernel3, float* k1, float* k2, float* k3, float*, float*, float*) {
    const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
    const auto filter = [](View<const float, Cuda> kernel, kernels::KernelShape shape, float* to) {
      kernels::launch_pack_filter(kernel.data(), shape, reinterpret_cast<E*>(to), cuda::stream());
    };
    filter(kernel1, {taps, c, w}, k1);
    filter(kernel2, {1, w, w}, k2);
    filter(kernel3, {taps, w, o}, k3);
  }

  /// Pixels in a chunk.
  static Index chunk(bool) { return chunk_pixels; }

  static Trace trace(const PackedNetwork<float>& net, Index pixels) {
    return {pixels, net.inputs, net.width};
  }

  /// Memory for what a pass over `pixels` pixels leaves: output [pixels, o] or input's gradient [pixels, c].
  static Shape result_shape(const PackedNetwork<float>& net, Index pixels) {
    return {pixels, std::max(net.inputs, net.outputs)};
  }

  /// The output that a forward pass has left.
  static kernels::NetworkParts<float> output(const PackedNetwork<float>& net, const float* result) {
    return {result, net.outputs, net.bias3, 1};
  }

  /// dx += the input's gradient that a backward pass has left.
  static void add_input_gradient(const PackedNetwork<float>& net, const float* result, Pixels<float> dx,
                                 Index pixels) {
    if constexpr (is_counted<D>) return;
    kernels::launch_add_pixels(reinterpret_cast<const E*>(result), net.inputs, pixels, dx.data, dx.stride,
                               cuda::stream());
  }

  /// result [pixels, o] = the output without its bias.
  static void parts(const PackedNetwork<float>& net, Pixels<const float> x, Index pixels, float* result) {
    Trace dropped = trace(net, pixels);
    forward(net, x, pixels, dropped, result);
  }

  /// The same, keeping the rows in `trace`.
  static void forward(const PackedNetwork<float>& net, Pixels<const float> x, Index pixels, Trace& trace,
                      float* result) {
    const Index c = net.inputs, w = net.width, o = net.outputs;
    copy_pixels(x, c, pixels, trace.first.data());
    const auto layer = [&](const E* in, Index channels, Index side, const float* weights, const float* bias,
                           E* out) {
      kernels::Convolution by =
          convolution_of(kernels::ConvolutionPass::forward, net.precision, x, pixels, channels, w, side);
      by.end = kernels::ConvolutionEnd::bias_relu;
      const AlignedBias<E, D> aligned(bias, w);
      convolve<D>(by, {in, weights, out, aligned.data()});
    };
    layer(trace.first.data(), c, 3, net.k1, net.bias1, trace.second.data());
    layer(trace.second.data(), w, 1, net.k2, net.bias2, trace.third.data());
    const auto last = convolution_of(kernels::ConvolutionPass::forward, net.precision, x, pixels, w, o);
    if constexpr (std::is_same_v<E, float>) {
      convolve<D>(last, {trace.third.data(), net.k3, result});
    } else {
      const Scratch<E, D> rounded(Shape{pixels, o});
      convolve<D>(last, {trace.third.data(), net.k3, rounded.data()});
      if constexpr (is_counted<D>) return;
      kernels::launch_copy_pixels(rounded.data(), o, o, pixels, result, cuda::stream());
    }
  }

  /// Pulls dout [pixels, o] back: `d` = the rows of this pass; result [pixels, c], of E, = the input's
  /// gradient.
  static void backward(const PackedNetwork<float>& net, const Trace& trace, Pixels<const float> dout,
                       Index pixels, Rows& d, float* result) {
    const Index c = net.inputs, w = net.width, o = net.outputs;
    copy_pixels(dout, o, pixels, d.first.data());
    const auto pull = [&](const E* dy, Index out, Index side, const float* weights, Index in, void* dx) {
      convolve<D>(convolution_of(kernels::ConvolutionPass::input_gradient, net.precision, dout, pixels, in,
                                 out, side),
                  {dy, weights, dx});
    };
    const auto through_relu = [&](const E* active, E* dx) {
      if constexpr (is_counted<D>) return;
      kernels::launch_clear_inactive(active, dx, pixels * w, cuda::stream());
    };
    pull(d.first.data(), o, 3, net.k3, w, d.second.data());
    through_relu(trace.third.data(), d.second.data());
    pull(d.second.data(), w, 1, net.k2, w, d.third.data());
    through_relu(trace.second.data(), d.third.data());
    pull(d.third.data(), w, 3, net.k1, c, result);
  }

 private:
  static void copy_pixels(Pixels<const float> from, Index channels, Index pixels, E* to) {
    if constexpr (is_counted<D>) return;
    kernels::launch_copy_pixels(from.data, from.stride, channels, pixels, to, cuda::stream());
  }
};

}  // namespace glow::ops::detail
