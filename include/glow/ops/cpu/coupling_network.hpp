// The coupling network conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU, conv3x3 (w -> o), as a gather of nine
// neighbours, a perceptron 9c -> w -> w -> 9o on each pixel alone, and a sum over nine neighbours. The
// perceptron runs tile by tile, so that a tile's hidden activations stay in the cache.
#pragma once

#include <glow/ops/cpu/neighbours.hpp>
#include <glow/ops/cpu/outer_products.hpp>
#include <glow/ops/cpu/rows.hpp>
#include <glow/ops/packed_network.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// A network whose products take operands of In.
template <class In, class T>
struct NetworkOperands {
  Index inputs, width, outputs;  // c, w, o
  const In *k1, *k2, *k3, *k1_t, *k2_t, *k3_t;
  const T *bias1, *bias2, *bias3;

  /// Numbers from one row of x9, of hidden activations, of parts to the next.
  Index x9_step() const { return whole_units<In>(taps * inputs); }
  Index hidden_step() const { return whole_units<In>(width); }
  Index parts_step() const { return whole_vectors(taps * outputs); }
};

/// Calls fn(operands) with the operands of `net` in the numbers of its precision.
template <class T, class F>
void with_operands(const PackedNetwork<T>& net, F fn) {
  const auto call = [&]<class In>(In) {
    const auto as = [](const T* p) { return reinterpret_cast<const In*>(p); };
    fn(NetworkOperands<In, T>{net.inputs, net.width, net.outputs, as(net.k1), as(net.k2), as(net.k3),
                              as(net.k1_t), as(net.k2_t), as(net.k3_t), net.bias1, net.bias2, net.bias3});
  };
  if constexpr (std::is_same_v<T, float>) {
    if (net.precision == Precision::bf16) return call(Bf16());
  }
  call(T());
}

namespace detail {

// Packs the kernels as operands of In, see network_pack.
template <OrCounted<Cpu> D, class In, class T>
void pack_operands(const T* kernel1, const T* kernel2, const T* kernel3, Index c, Index w, Index o, In* k1,
                   In* k2, In* k3, In* k1_t, In* k2_t, In* k3_t) {
  const Index out = taps * o;
  const Scratch<T, D> last(Shape{w, out});  // from hidden unit to output column (tap, channel)
  if constexpr (is_counted<D>) return;
  kernel_by_input(w, o, kernel3, last.data());
  pack<Along::rows>(taps * c, w, k1, kernel1, w);
  pack<Along::rows>(w, w, k2, kernel2, w);
  pack<Along::rows>(w, whole_vectors(out), out, k3, last.data(), out);
  pack<Along::columns>(w, whole_vectors(taps * c), taps * c, k1_t, kernel1, w);
  pack<Along::columns>(w, w, k2_t, kernel2, w);
  pack<Along::columns>(out, w, k3_t, last.data(), out);
}

// Zeros the number that fills up a row of hidden activations of odd width to whole units.
template <class In>
void fill_up_rows(In* rows, Index n, Index width, Index step) {
  if (width == step) return;
  for (Index r = 0; r < n; ++r) rows[r * step + width] = In(0);
}

}  // namespace detail

/// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o] for both directions. Throws Error for
/// a precision that this device does not have: models in float have full and bf16, others full.
template <class T, OrCounted<Cpu> D>
void network_pack(Precision precision, View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel1,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel2,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel3, View<T, D> k1,
                  View<T, D> k2, View<T, D> k3, View<T, D> k1_t, View<T, D> k2_t, View<T, D> k3_t) {
  constexpr bool in_float = std::is_same_v<T, float>;
  require(precision == Precision::full || (in_float && precision == Precision::bf16),
          "precision: ", precision, " is not for a model in ", in_float ? "float" : "double",
          " on the CPU; use full", in_float ? " or bf16" : "");
  const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
  const auto pack_as = [&]<class In>(In) {
    const auto as = [](View<T, D> p) { return reinterpret_cast<In*>(p.data()); };
    detail::pack_operands<D>(kernel1.data(), kernel2.data(), kernel3.data(), c, w, o, as(k1), as(k2), as(k3),
                             as(k1_t), as(k2_t), as(k3_t));
  };
  if constexpr (in_float) {
    if (precision == Precision::bf16) return pack_as(Bf16());
  }
  pack_as(T());
}

/// First layer on n pixels: h1 [n, w] of x9 [n, 9c].
template <class In, class T>
void network_first_layer(const NetworkOperands<In, T>& net, Index n, const In* x9, In* h1) {
  gemm(Product<In, In>{n, net.width, taps * net.inputs, x9, net.x9_step(), net.k1, h1, net.hidden_step(),
                       Finish::bias_relu, net.bias1});
  detail::fill_up_rows(h1, n, net.width, net.hidden_step());
}

/// Perceptron on n pixels: from x9 [n, 9c] to h1 [n, w], h2 [n, w] and the parts [n, 9o] of the output that
/// each pixel gives to its neighbours.
template <class In, class T>
void network_tile(const NetworkOperands<In, T>& net, Index n, const In* x9, In* h1, In* h2, T* parts) {
  const Index w = net.width, step = net.hidden_step();
  network_first_layer(net, n, x9, h1);
  gemm(Product<In, In>{n, w, w, h1, step, net.k2, h2, step, Finish::bias_relu, net.bias2});
  detail::fill_up_rows(h2, n, w, step);
  gemm(Product<In, T>{n, net.parts_step(), w, h2, step, net.k3, parts, net.parts_step()});
}

/// Parts [pixels, 9o] of the output of all `pixels` pixels. Hidden activations go to h1 and h2 [pixels, w];
/// where these are null, they are dropped tile by tile.
template <OrCounted<Cpu> D = Cpu, class In, class T>
void network_parts(const NetworkOperands<In, T>& net, Pixels<const T> x, Index pixels, T* parts, In* h1,
                   In* h2) {
  const Index w = net.hidden_step();
  parallel_ranges(D(), pixels, tile_rows_for(pixels), [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<In, D> x9(Shape{n * net.x9_step() + slack}), tile_h1(Shape{n, w}), tile_h2(Shape{n, w});
    if constexpr (is_counted<D>) return;
    gather_neighbours(x.data, x.stride, x.height, x.width, net.inputs, Taps::same, first, last, x9.data(),
                      net.x9_step());
    network_tile(net, n, x9.data(), h1 == nullptr ? tile_h1.data() : h1 + first * w,
                 h2 == nullptr ? tile_h2.data() : h2 + first * w, parts + first * net.parts_step());
  });
}

/// out [last - first, o] = bias3 + the nine parts that their neighbours give the pixels first ... last - 1.
/// Parts and out have slack.
template <class In, class T>
void network_output(const NetworkOperands<In, T>& net, const T* parts, Index height, Index width, Index first,
                    Index last, T* out) {
  Scratch<T> bias(Shape{net.outputs + slack});
  std::copy_n(net.bias3, net.outputs, bias.data());
  sum_neighbours(parts, net.parts_step(), bias.data(), height, width, net.outputs, Taps::same, first, last,
                 out);
}

/// What the network left behind for all pixels of a chunk: x9 [n, 9c], h1 [n, w], h2 [n, w].
template <class In>
struct NetworkTrace {
  const In *x9, *h1, *h2;
};

/// Pulls dout [pixels, o] back: grad += the gradients of weights and biases; dx (laid out as x) += that of
/// the input.
template <OrCounted<Cpu> D = Cpu, class In, class T>
void network_backward(const NetworkOperands<In, T>& net, const NetworkTrace<In>& trace, const T* dout,
                      Index pixels, Pixels<T> dx, const NetworkGradient<T>& grad) {
  const Index w = net.width, c = net.inputs, o = net.outputs, in = taps * c, out = taps * o;
  const Index step = net.hidden_step(), dx9_step = whole_vectors(in);
  const Scratch<T, D> dx9(Shape{pixels * dx9_step + slack}), d_kernel3(Shape{w, out}),
      zeros(Shape{c + slack});
  clear(zeros.view());
  OuterProducts<In, 3, D> weights(pixels,
                                  {{{in, w, trace.x9, net.x9_step(), grad.kernel1, w, Finish::add},
                                    {w, w, trace.h1, step, grad.kernel2, w, Finish::add},
                                    {w, out, trace.h2, step, d_kernel3.data(), out, Finish::assign}}});
  const Index tile = tile_rows_for(pixels), tiles = (pixels + tile - 1) / tile;
  const Scratch<T, D> bias1(Shape{tiles, w}), bias2(Shape{tiles, w});  // the gradients' parts
  parallel_ranges(D(), pixels, tile, [&](Index first, Index last) {
    const Index n = last - first;
    const Scratch<In, D> d_parts(Shape{n * out + slack}), d2(Shape{n, step}), d1(Shape{n, step});
    if constexpr (is_counted<D>) return;
    gather_neighbours(dout, o, dx.height, dx.width, o, Taps::mirrored, first, last, d_parts.data(), out);
    weights.pack(2, first, last, d_parts.data(), out);
    gemm(Product<In, In>{n, w, out, d_parts.data(), out, net.k3_t, d2.data(), step, Finish::where_active,
                         nullptr, trace.h2 + first * step});
    detail::fill_up_rows(d2.data(), n, w, step);
    weights.pack(1, first, last, d2.data(), step);
    gemm(Product<In, In>{n, w, w, d2.data(), step, net.k2_t, d1.data(), step, Finish::where_active, nullptr,
                         trace.h1 + first * step});
    detail::fill_up_rows(d1.data(), n, w, step);
    weights.pack(0, first, last, d1.data(), step);
    gemm(Product<In, T>{n, dx9_step, w, d1.data(), step, net.k1_t, dx9.data() + first * dx9_step, dx9_step});
    sum_some_rows(Index{0}, n, w, bias1.data() + first / tile * w,
                  [&](Index r, Index i) { return static_cast<T>(d1[r * step + i]); });
    sum_some_rows(Index{0}, n, w, bias2.data() + first / tile * w,
                  [&](Index r, Index i) { return static_cast<T>(d2[r * step + i]); });
  });
  // The last kernel's rows are in the order of its product.
  const auto add_to_kernel3 = [&](Index first, Index last) {
    for (Index t = 0; t < taps; ++t) {
      for (Index i = first; i < last; ++i) {
        const T* from = d_kernel3.data() + i * out + t * o;
        T* to = grad.kernel3 + (t * w + i) * o;
        for (Index j = 0; j < o; ++j) to[j] += from[j];
      }
    }
  };
  const auto add_to_dx = [&](Index first, Index last) {
    const Scratch<T, D> sum(Shape{(last - first) * c + slack});
    if constexpr (is_counted<D>) return;
    sum_neighbours(dx9.data(), dx9_step, zeros.data(), dx.height, dx.width, c, Taps::mirrored, first, last,
                   sum.data());
    for (Index p = first; p < last; ++p) {
      for (Index i = 0; i < c; ++i) dx.data[p * dx.stride + i] += sum[(p - first) * c + i];
    }
  };
  const auto multiply = [&](Index i, Index) {
    const auto part = weights.part(i);
    weights.multiply(part);
    if constexpr (is_counted<D>) return;
    if (part.product == 2) add_to_kernel3(part.first, part.last);
  };
  const auto add_to_biases = [&](Index, Index) {
    if constexpr (is_counted<D>) return;
    for (Index t = 0; t < tiles; ++t) {
      for (Index i = 0; i < w; ++i) {
        grad.bias1[i] += bias1[t * w + i];
        grad.bias2[i] += bias2[t * w + i];
      }
    }
    for (Index p = 0; p < pixels; ++p) {
      for (Index i = 0; i < o; ++i) grad.bias3[i] += dout[p * o + i];
    }
  };
  parallel_loops(D(), Ranges{weights.parts(), Index{1}, multiply}, Ranges{pixels, tile, add_to_dx},
                 Ranges{Index{1}, Index{1}, add_to_biases});
}

}  // namespace glow::ops
