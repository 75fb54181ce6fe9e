// The coupling network conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU, conv3x3 (w -> o), as a gather of nine
// neighbours, a perceptron 9c -> w -> w -> 9o on each pixel alone, and a sum over nine neighbours. The
// perceptron runs tile by tile, so that a tile's hidden activations stay in the cache.
#pragma once

#include <glow/ops/cpu/neighbours.hpp>
#include <glow/ops/cpu/rows.hpp>
#include <glow/ops/packed_network.hpp>

namespace glow::ops {

/// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o] for both directions. Throws Error for
/// a precision that this device does not have.
template <class T>
void network_pack(Precision precision, View<const std::type_identity_t<T>, Cpu> kernel1,
                  View<const std::type_identity_t<T>, Cpu> kernel2,
                  View<const std::type_identity_t<T>, Cpu> kernel3, View<T, Cpu> k1, View<T, Cpu> k2,
                  View<T, Cpu> k3, View<T, Cpu> k1_t, View<T, Cpu> k2_t, View<T, Cpu> k3_t) {
  require(precision == Precision::full, "precision: ", precision, " is not for a model on the CPU; use full");
  const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
  // Hidden unit i and output column (tap, channel) of the last kernel.
  const auto last = [&](Index i, Index column) { return kernel3[(column / o * w + i) * o + column % o]; };
  pack(taps * c, w, k1.data(), [&](Index i, Index j) { return kernel1[i * w + j]; });
  pack(w, w, k2.data(), [&](Index i, Index j) { return kernel2[i * w + j]; });
  pack(w, taps * o, k3.data(), last);
  pack(w, taps * c, k1_t.data(), [&](Index i, Index j) { return kernel1[j * w + i]; });
  pack(w, w, k2_t.data(), [&](Index i, Index j) { return kernel2[j * w + i]; });
  pack(taps * o, w, k3_t.data(), [&](Index i, Index j) { return last(j, i); });
}

/// Perceptron on the pixels first ... last - 1: x9 [n, 9c], h1 [n, w], h2 [n, w] and the parts [n, 9o] of the
/// output that each pixel gives to its neighbours.
template <class T>
void network_tile(const PackedNetwork<T>& net, Pixels<const T> x, Index first, Index last, T* x9, T* h1,
                  T* h2, T* parts) {
  const Index n = last - first, w = net.width, in = taps * net.inputs, out = taps * net.outputs;
  gather_neighbours(x.data, x.stride, x.height, x.width, net.inputs, Taps::same, first, last, x9);
  gemm(n, w, in, Strided<T>{x9, in, 1}, net.k1, BiasRelu<T>{h1, w, net.bias1});
  gemm(n, w, w, Strided<T>{h1, w, 1}, net.k2, BiasRelu<T>{h2, w, net.bias2});
  gemm(n, out, w, Strided<T>{h2, w, 1}, net.k3, Assign<T>{parts, out});
}

/// Parts [pixels, 9o] of the output of all `pixels` pixels; hidden activations are dropped tile by tile.
template <class T>
void network_parts(const PackedNetwork<T>& net, Pixels<const T> x, Index pixels, T* parts) {
  const Index w = net.width;
  parallel_ranges(pixels, tile_rows_for(pixels), [&](Index first, Index last) {
    const Index n = last - first;
    Scratch<T> x9(Shape{n, taps * net.inputs}), h1(Shape{n, w}), h2(Shape{n, w});
    network_tile(net, x, first, last, x9.data(), h1.data(), h2.data(), parts + first * taps * net.outputs);
  });
}

/// out[o] = bias3 + the nine parts that the neighbours of `pixel` give.
template <class T>
void network_output(const PackedNetwork<T>& net, const T* parts, Index height, Index width, Index pixel,
                    T* out) {
  std::copy_n(net.bias3, net.outputs, out);
  sum_neighbours(parts, height, width, net.outputs, Taps::same, pixel, out);
}

/// What network_tile left behind for all pixels of a chunk: x9 [n, 9c], h1 [n, w], h2 [n, w].
template <class T>
struct NetworkTrace {
  const T *x9, *h1, *h2;
};

/// Pulls dout [pixels, o] back: grad += the gradients of weights and biases; dx (laid out as x) += that of
/// the input.
template <class T>
void network_backward(const PackedNetwork<T>& net, const NetworkTrace<T>& trace, const T* dout, Index pixels,
                      Pixels<T> dx, const NetworkGradient<T>& grad) {
  const Index w = net.width, c = net.inputs, o = net.outputs, in = taps * c, out = taps * o;
  Scratch<T> d_parts(Shape{pixels, out}), d2(Shape{pixels, w}), d1(Shape{pixels, w}), dx9(Shape{pixels, in});
  parallel_ranges(pixels, tile_rows_for(pixels), [&](Index first, Index last) {
    const Index n = last - first;
    T* dp = d_parts.data() + first * out;
    T* g2 = d2.data() + first * w;
    T* g1 = d1.data() + first * w;
    gather_neighbours(dout, o, dx.height, dx.width, o, Taps::mirrored, first, last, dp);
    gemm(n, w, out, Strided<T>{dp, out, 1}, net.k3_t, WhereActive<T>{g2, w, trace.h2 + first * w});
    gemm(n, w, w, Strided<T>{g2, w, 1}, net.k2_t, WhereActive<T>{g1, w, trace.h1 + first * w});
    gemm(n, in, w, Strided<T>{g1, w, 1}, net.k1_t, Assign<T>{dx9.data() + first * in, in});
  });
  parallel_ranges(pixels, 64, [&](Index first, Index last) {
    for (Index p = first; p < last; ++p) {
      sum_neighbours(dx9.data(), dx.height, dx.width, c, Taps::mirrored, p, dx.data + p * dx.stride);
    }
  });
  outer_product(pixels, in, w, trace.x9, in, d1.data(), w, Accumulate<T>{grad.kernel1, w});
  outer_product(pixels, w, w, trace.h1, w, d2.data(), w, Accumulate<T>{grad.kernel2, w});
  const auto add_to_kernel3 = [&](Index i, Index column, T v) {
    grad.kernel3[(column / o * w + i) * o + column % o] += v;
  };
  outer_product(pixels, w, out, trace.h2, w, d_parts.data(), out, [&](Index i, Index column, auto v) {
    if constexpr (std::is_same_v<decltype(v), T>) {
      add_to_kernel3(i, column, v);
    } else {
      for (Index lane = 0; lane < simd::lanes<T>; ++lane) add_to_kernel3(i, column + lane, v[lane]);
    }
  });
  sum_rows(pixels, w, grad.bias1, [&](Index r, Index i) { return d1[r * w + i]; });
  sum_rows(pixels, w, grad.bias2, [&](Index r, Index i) { return d2[r * w + i]; });
  sum_rows(pixels, o, grad.bias3, [&](Index r, Index i) { return dout[r * o + i]; });
}

}  // namespace glow::ops
