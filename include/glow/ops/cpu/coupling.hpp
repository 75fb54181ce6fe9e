// Coupling: x = [x_a | x_b]; h = network(x_b); y_a = map(x_a; h), y_b = x_b; log|det dy/dx| is the sum of the
// map's log-scales. The maps are in ops/maps. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density
// Estimation Using Real NVP, ICLR 2017, section 3.2.
#pragma once

#include <array>

#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/coupling_map.hpp>
#include <glow/ops/cpu/coupling_network.hpp>
#include <glow/ops/cpu/logdet.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>
#include <glow/ops/network_input.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// What a coupling may keep of its network from the forward pass for the backward pass, for all pixels; null
/// where it is not kept.
template <class T>
struct CouplingRecord {
  void* h1 = nullptr;   ///< [pixels, w] in the numbers of the products
  void* h2 = nullptr;   ///< the same
  T* output = nullptr;  ///< [pixels, o]; kept where h2 is
};

/// Bytes of h2 and output together, and of h1, for a network of this width and these outputs.
template <class T>
std::array<std::size_t, 2> coupling_record_bytes(Precision precision, Index width, Index outputs,
                                                 Index pixels) {
  const std::size_t number = precision == Precision::bf16 ? sizeof(Bf16) : sizeof(T);
  const auto n = static_cast<std::size_t>(pixels), w = static_cast<std::size_t>(width + width % 2);
  return {n * (w * number + static_cast<std::size_t>(outputs) * sizeof(T)), n * w * number};
}

/// A record in memory of these sizes.
template <class T>
CouplingRecord<T> coupling_record(const PackedNetwork<T>& net, Index pixels,
                                  const std::array<void*, 2>& memory) {
  T* output = static_cast<T*>(memory[0]);
  return {memory[1], output == nullptr ? nullptr : output + pixels * net.outputs, output};
}

namespace detail {

// x -> y in place, or back; adds the log-scales to logdet, or subtracts them.
template <class Map, bool forward, class T, OrCounted<Cpu> D>
void coupling_map(const PackedNetwork<T>& net, View<T, D> x, View<T, D> logdet, Condition which,
                  const CouplingRecord<T>& record, const NetworkInputOf<T, D>& input) {
  const Index c = x.channels(), rows = x.batch() * x.height(), width = x.width(), o = net.outputs;
  const CouplingChannels at(c, which);
  const Scratch<T, D> row_sums(Shape{rows});
  with_operands(net, [&]<class In>(const NetworkOperands<In, T>& operands) {
    const Scratch<T, D> parts(Shape{x.rows() * operands.parts_step() + slack});
    network_parts<D>(operands, input.read(x, at), x.rows(), parts.data(), static_cast<In*>(record.h1),
                     static_cast<In*>(record.h2));
    parallel_ranges(D(), rows, std::max(Index{1}, 128 / width), [&](Index first, Index last) {
      const Index pixel = first * width, n = (last - first) * width;
      const Scratch<T, D> h(Shape{n * o + slack}), work(Shape{n, at.changed, PixelMap<Map>::work_size}),
          log_scale(Shape{n, at.changed});
      if constexpr (is_counted<D>) return;
      network_output(operands, parts.data(), x.height(), width, pixel, pixel + n, h.data());
      if (record.output != nullptr) std::copy_n(h.data(), n * o, record.output + pixel * o);
      PixelMap<Map>::template apply<forward>(n, at.changed, h.data(), x.data() + pixel * c + at.first_changed,
                                             c, log_scale.data(), work.data());
      for (Index row = first; row < last; ++row) {
        T sum = 0;
        const T* log = log_scale.data() + (row - first) * width * at.changed;
        for (Index i = 0; i < width * at.changed; ++i) sum += log[i];
        row_sums[row] = sum;
      }
    });
  });
  add_parts_to_logdet(logdet, row_sums.data(), x.height(), forward ? T(1) : T(-1));
}

// Images whose traces are kept at a time in the backward pass: their size is bounded, whatever the batch.
inline Index images_per_chunk(Index pixels_per_image) { return std::max(Index{1}, 1152 / pixels_per_image); }

// coupling_backward of a chunk of images with network operands of In; `record` is the chunk's.
template <class Map, class In, class T, OrCounted<Cpu> D>
void coupling_backward_chunk(const NetworkOperands<In, T>& net, const NetworkGradient<T>& grad, View<T, D> y,
                             View<T, D> dy, const T* dlogdet, Condition which,
                             const CouplingRecord<T>& record, const NetworkInputOf<T, D>& input) {
  const Index c = y.channels(), height = y.height(), width = y.width();
  const CouplingChannels at(c, which);
  const Index pixels = y.rows(), w = net.hidden_step(), o = net.outputs;
  const Pixels<const T> x = input.read(y, at);
  const bool has_h1 = record.h1 != nullptr, has_h2 = record.h2 != nullptr;
  const Scratch<In, D> x9(Shape{pixels, net.x9_step()}), own_h1(Shape{has_h1 ? 0 : pixels, w}),
      own_h2(Shape{has_h2 ? 0 : pixels, w});
  const Scratch<T, D> dout(Shape{pixels, o});
  In* h1 = has_h1 ? static_cast<In*>(record.h1) : own_h1.data();
  In* h2 = has_h2 ? static_cast<In*>(record.h2) : own_h2.data();
  {
    const Scratch<T, D> parts(Shape{has_h2 ? 0 : pixels * net.parts_step() + slack});
    parallel_ranges(D(), pixels, tile_rows_for(pixels), [&](Index first, Index last) {
      if constexpr (is_counted<D>) return;
      const Index n = last - first;
      gather_neighbours_at(x.data, x.stride, height, width, net.inputs, Taps::same, first, last, x9.data(),
                           net.x9_step());
      const In* rows = x9.data() + first * net.x9_step();
      if (!has_h2) {
        network_tile(net, n, rows, h1 + first * w, h2 + first * w, parts.data() + first * net.parts_step());
      } else if (!has_h1) {
        network_first_layer(net, n, rows, h1 + first * w);
      }
    });
    parallel_ranges(D(), pixels, 128, [&](Index first, Index last) {
      const Index n = last - first;
      const Scratch<T, D> own(Shape{n * o + slack}), work(Shape{n, at.changed, PixelMap<Map>::work_size}),
          log_scale(Shape{n, at.changed});
      if constexpr (is_counted<D>) return;
      if (!has_h2) network_output(net, parts.data(), height, width, first, last, own.data());
      const T* h = has_h2 ? record.output + first * o : own.data();
      pull_pixels<Map>(at, c, height * width, first, last, h, y.data(), dy.data(), dlogdet, dout.data(),
                       log_scale.data(), work.data());
    });
  }
  network_backward<D>(net, NetworkTrace<In>{x9.data(), h1, h2}, dout.data(), pixels,
                      input.gradient_of(dy, at), grad);
}

}  // namespace detail

/// x [N, H, W, C] -> y in place, where the network has net.outputs = Map::outputs (C / 2); logdet [N] may be
/// empty. What `record` has memory for is kept. The network reads `input`.
template <class Map = SigmoidAffine, class T, OrCounted<Cpu> D>
void coupling_forward(const PackedNetwork<T>& net, View<T, D> x, View<T, D> logdet,
                      const CouplingRecord<T>& record = {}, Condition which = Condition::on_second_half,
                      const NetworkInputOf<T, D>& input = {}) {
  detail::coupling_map<Map, true>(net, x, logdet, which, record, input);
}

/// y -> x in place.
template <class Map = SigmoidAffine, class T, OrCounted<Cpu> D>
void coupling_inverse(const PackedNetwork<T>& net, View<T, D> y, View<T, D> logdet,
                      Condition which = Condition::on_second_half, const NetworkInputOf<T, D>& input = {}) {
  detail::coupling_map<Map, false>(net, y, logdet, which, CouplingRecord<T>{}, input);
}

/// y -> x, dy -> dx in place and grad += ..., computing again what `record` does not have; dlogdet [N] may be
/// empty.
template <class Map = SigmoidAffine, class T, OrCounted<Cpu> D>
void coupling_backward(const PackedNetwork<T>& net, const NetworkGradient<T>& grad, View<T, D> y,
                       View<T, D> dy, View<T, D> dlogdet, const CouplingRecord<T>& record = {},
                       Condition which = Condition::on_second_half, const NetworkInputOf<T, D>& input = {}) {
  const Index pixels = y.height() * y.width(), chunk = detail::images_per_chunk(pixels);
  with_operands(net, [&]<class In>(const NetworkOperands<In, T>& operands) {
    for (Index image = 0; image < y.batch(); image += chunk) {
      const Index images = std::min(chunk, y.batch() - image), at = image * pixels;
      const auto from = [&](void* p, Index step) {
        return p == nullptr ? nullptr : static_cast<void*>(static_cast<In*>(p) + at * step);
      };
      const CouplingRecord<T> part{from(record.h1, operands.hidden_step()),
                                   from(record.h2, operands.hidden_step()),
                                   record.output == nullptr ? nullptr : record.output + at * net.outputs};
      detail::coupling_backward_chunk<Map>(
          operands, grad, y.samples(image, images), dy.samples(image, images),
          dlogdet.empty() ? nullptr : dlogdet.data() + image, which, part, input.images(image, images));
      if constexpr (is_counted<D>) return;  // the others are no larger
    }
  });
}

}  // namespace glow::ops
