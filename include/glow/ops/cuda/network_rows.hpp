// What the passes of a coupling network on a GPU have in common: the rows of its pixels between the three
// matrix products of a pass, forward x9, h1, h2 and backward dout9, d2, d1; and the gradients of weights made
// of them.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/ops/cuda/gemm.hpp>
#include <glow/ops/kernels/coupling.hpp>
#include <glow/ops/kernels/neighbours.hpp>
#include <glow/ops/kernels/network_layers.hpp>
#include <glow/ops/kernels/network_pack.hpp>
#include <glow/ops/packed_network.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

constexpr Index round_up(Index n, Index unit) { return (n + unit - 1) / unit * unit; }

/// Elements from a row of n columns to the next: rows start on whole vectors and hold whole tensor-core
/// steps.
constexpr Index row_pitch(Index n) { return round_up(n, 16); }

/// Elements from a pixel's parts to the next one's, wide enough for those of the output, [9, o], and for
/// those of the input's gradient, [9, c].
template <class T>
Index parts_pitch(const PackedNetwork<T>& net) {
  return round_up(taps * std::max(net.inputs, net.outputs), 8);
}

/// Rows that `pixels` of them take: whole tiles of a kernel.
constexpr Index tiled(Index pixels) { return round_up(pixels, 64); }

/// The rows that enter the three products of a pass, for a chunk of pixels; the first has `taps * channels`
/// columns, the others `width`.
template <class E, OrCounted<Cuda> D>
struct NetworkRows {
  Index pitch1, pitch;
  Scratch<E, D> first, second, third;

  NetworkRows(Index pixels, Index channels, Index width)
      : pitch1(row_pitch(taps * channels)),
        pitch(row_pitch(width)),
        first(Shape{tiled(pixels), pitch1}),
        second(Shape{tiled(pixels), pitch}),
        third(Shape{tiled(pixels), pitch}) {}
};

/// Gradients of a network's weights and biases, added up over chunks of pixels.
template <class T, OrCounted<Cuda> D>
class WeightGradients {
 public:
  WeightGradients(const PackedNetwork<T>& net, const NetworkGradient<T>& grad, Index pixels)
      : net_(net),
        grad_(grad),
        kernel3_(Shape{net.width, taps * net.outputs}),
        sums_(Shape{kernels::column_sum_parts(pixels), std::max(net.width, net.outputs)}) {
    clear(kernel3_.view());
  }

  /// Adds those of `pixels` pixels, given the rows of both passes and dout [pixels, o].
  template <class E>
  void add(const NetworkRows<E, D>& x, const NetworkRows<E, D>& d, Pixels<const T> dout, Index pixels) {
    if constexpr (is_counted<D>) return;
    const Index w = net_.width, o = net_.outputs, in = taps * net_.inputs, out = taps * o;
    const auto product = [&](const E* a, Index m, Index a_pitch, const E* b, Index n, Index b_pitch, T* c) {
      gemm<E, T>(net_.precision, m, n, pixels, {a, a_pitch, true}, {b, b_pitch}, 1, c, n);
    };
    product(x.first.data(), in, x.pitch1, d.third.data(), w, d.pitch, grad_.kernel1);
    product(x.second.data(), w, x.pitch, d.second.data(), w, d.pitch, grad_.kernel2);
    product(x.third.data(), w, x.pitch, d.first.data(), out, d.pitch1, kernel3_.data());
    sum_columns(d.third.data(), pixels, w, d.pitch, grad_.bias1);
    sum_columns(d.second.data(), pixels, w, d.pitch, grad_.bias2);
    sum_columns(dout.data, pixels, o, o, grad_.bias3);
  }

  /// To be called once, after the last chunk: the last kernel's gradient waits in the order of its product.
  void finish() {
    if constexpr (is_counted<D>) return;
    kernels::launch_add_rows_to_kernel<T>(kernel3_.data(), taps * net_.outputs,
                                          {taps, net_.width, net_.outputs}, grad_.kernel3, cuda::stream());
  }

 private:
  template <class E>
  void sum_columns(const E* x, Index rows, Index columns, Index pitch, T* sum) {
    kernels::launch_add_column_sums(x, rows, columns, pitch, sums_.data(), sum, cuda::stream());
  }

  const PackedNetwork<T>& net_;
  const NetworkGradient<T>& grad_;
  Scratch<T, D> kernel3_;  // [w, 9, o]
  Scratch<T, D> sums_;
};

/// What networks have in common whose passes leave, at every pixel, the parts [9, o] of the output or [9, c]
/// of the input's gradient that it gives to its neighbours.
template <class T, OrCounted<Cuda> D>
struct NetworkInParts {
  using Gradients = WeightGradients<T, D>;

  /// Memory for what a pass over `pixels` pixels leaves.
  static Shape result_shape(const PackedNetwork<T>& net, Index pixels) {
    return {tiled(pixels), parts_pitch(net)};
  }

  /// The output that a forward pass has left.
  static kernels::NetworkParts<T> output(const PackedNetwork<T>& net, const T* parts) {
    return {parts, parts_pitch(net), net.bias3};
  }

  /// dx += the input's gradient that a backward pass has left.
  static void add_input_gradient(const PackedNetwork<T>& net, const T* parts, Pixels<T> dx, Index pixels) {
    if constexpr (is_counted<D>) return;
    kernels::launch_sum_neighbours(parts, parts_pitch(net), dx.height, dx.width, net.inputs, Taps::mirrored,
                                   pixels, dx.data, dx.stride, cuda::stream());
  }
};

}  // namespace glow::ops::detail
