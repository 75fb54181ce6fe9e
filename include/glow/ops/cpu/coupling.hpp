// Affine coupling: x = [x_a | x_b]; [mu | a] = network(x_b); y_a = sigmoid(a + 2) x_a + mu, y_b = x_b;
// log|det dy/dx| = sum log sigmoid(a + 2), taken as -softplus(-(a + 2)), which is finite for every a.
// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.2;
// the scale is that of Kingma and Dhariwal's Glow (2018).
#pragma once

#include <glow/ops/affine_scale.hpp>
#include <glow/ops/cpu/coupling_network.hpp>
#include <glow/ops/cpu/logdet.hpp>

namespace glow::ops {

namespace detail {

// Runs `pixel_op(x, h, log_scale)` on every pixel with its network output h [2a]; adds sign * its log-scales
// to logdet.
template <class T, class PixelOp>
void coupling_map(const PackedNetwork<T>& net, View<T, Cpu> x, View<T, Cpu> logdet, T sign,
                  PixelOp pixel_op) {
  const Index c = x.channels(), changed = c - net.inputs, rows = x.batch() * x.height(), width = x.width();
  Scratch<T> parts(Shape{x.rows(), taps * net.outputs}), row_sums(Shape{rows});
  network_parts(net, Pixels<const T>{x.data() + changed, c, x.height(), width}, x.rows(), parts.data());
  parallel_ranges(rows, std::max(Index{1}, 64 / width), [&](Index first, Index last) {
    Scratch<T> h(Shape{net.outputs});
    for (Index row = first; row < last; ++row) {
      T sum = 0;
      for (Index p = row * width; p < (row + 1) * width; ++p) {
        network_output(net, parts.data(), x.height(), width, p, h.data());
        for (Index i = 0; i < changed; ++i) {
          const AffineScale<T> scale(h[changed + i]);
          T& v = x[p * c + i];
          v = pixel_op(v, h[i], scale);
          sum += scale.log_scale;
        }
      }
      row_sums[row] = sum;
    }
  });
  add_parts_to_logdet(logdet, row_sums.data(), x.height(), sign);
}

// Images whose traces are kept at a time in the backward pass: their size is bounded, whatever the batch.
inline Index images_per_chunk(Index pixels_per_image) { return std::max(Index{1}, 1152 / pixels_per_image); }

}  // namespace detail

/// x [N, H, W, C] -> y in place, with the network on the last net.inputs channels; logdet [N] may be empty.
template <class T>
void coupling_forward(const PackedNetwork<T>& net, View<T, Cpu> x, View<T, Cpu> logdet) {
  detail::coupling_map(net, x, logdet, T(1),
                       [](T v, T mu, const AffineScale<T>& s) { return v / s.inverse + mu; });
}

/// y -> x in place.
template <class T>
void coupling_inverse(const PackedNetwork<T>& net, View<T, Cpu> y, View<T, Cpu> logdet) {
  detail::coupling_map(net, y, logdet, T(-1),
                       [](T v, T mu, const AffineScale<T>& s) { return (v - mu) * s.inverse; });
}

/// y -> x, dy -> dx in place and grad += ..., recomputing the network once; dlogdet [N] may be empty.
template <class T>
void coupling_backward(const PackedNetwork<T>& net, const NetworkGradient<T>& grad, View<T, Cpu> y,
                       View<T, Cpu> dy, View<T, Cpu> dlogdet) {
  const Index c = y.channels(), changed = c - net.inputs, height = y.height(), width = y.width();
  const Index in = taps * net.inputs, out = taps * net.outputs, w = net.width;
  const Index chunk = detail::images_per_chunk(height * width);
  for (Index image = 0; image < y.batch(); image += chunk) {
    const Index images = std::min(chunk, y.batch() - image), pixels = images * height * width;
    T* at = y.data() + image * height * width * c;
    T* d_at = dy.data() + image * height * width * c;
    Scratch<T> x9(Shape{pixels, in}), h1(Shape{pixels, w}), h2(Shape{pixels, w}),
        dout(Shape{pixels, net.outputs});
    {
      Scratch<T> parts(Shape{pixels, out});
      parallel_ranges(pixels, tile_rows_for(pixels), [&](Index first, Index last) {
        network_tile(net, Pixels<const T>{at + changed, c, height, width}, first, last,
                     x9.data() + first * in, h1.data() + first * w, h2.data() + first * w,
                     parts.data() + first * out);
      });
      parallel_ranges(pixels, 64, [&](Index first, Index last) {
        for (Index p = first; p < last; ++p) {
          T* h = dout.data() + p * net.outputs;
          network_output(net, parts.data(), height, width, p, h);
          const T d_log = dlogdet.empty() ? T(0) : dlogdet[image + p / (height * width)];
          for (Index i = 0; i < changed; ++i) {
            const AffineScale<T> s(h[changed + i]);
            T& v = at[p * c + i];
            T& dv = d_at[p * c + i];
            v = (v - h[i]) * s.inverse;
            h[i] = dv;  // d mu
            dv /= s.inverse;
            // d sigmoid / da = sigmoid (1 - sigmoid), d log sigmoid / da = 1 - sigmoid
            h[changed + i] = (dv * v + d_log) * (T(1) - T(1) / s.inverse);
          }
        }
      });
    }
    network_backward(net, NetworkTrace<T>{x9.data(), h1.data(), h2.data()}, dout.data(), pixels,
                     Pixels<T>{d_at + changed, c, height, width}, grad);
  }
}

}  // namespace glow::ops
