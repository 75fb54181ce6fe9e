// Coupling on a GPU. The equation is that of ops/cpu/coupling.hpp, the kernels are in
// kernels/coupling.cu.
#pragma once

#include <glow/ops/condition.hpp>
#include <glow/ops/cuda/coupling_network.hpp>
#include <glow/ops/cuda/logdet.hpp>
#include <glow/ops/kernels/coupling.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>
#include <glow/ops/network_input.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// Runs `launch(network, x, shape, sums)` over the chunks of x, from the channels that change on, with their
// network output; adds sign * the sums that it leaves, sums_of(shape) an image, to logdet.
template <class T, OrCounted<Cuda> D, class Launch>
void coupling_map(const PackedNetwork<T>& net, View<T, D> x, View<T, D> logdet, T sign, Condition which,
                  const NetworkInputOf<T, D>& input, Index (*sums_of)(kernels::CouplingShape),
                  Launch launch) {
  const Index c = x.channels(), image = x.height() * x.width();
  const CouplingChannels channels(c, which);
  const auto shape_of = [&](Index images) {
    return kernels::CouplingShape{images, x.height(), x.width(), c, channels.changed};
  };
  const Index sums_each = sums_of(shape_of(x.batch()));
  const Scratch<T, D> sums(Shape{x.batch(), sums_each});
  with_network_form<D>(net, [&](auto form) {
    const Index at_a_time = form.chunk(false);
    const Index most = largest_chunk(x.batch(), image, at_a_time) * image;
    const Scratch<T, D> result(form.result_shape(net, most));
    for_each_chunk(x.batch(), image, at_a_time, [&](Chunk chunk) {
      T* at = x.data() + chunk.first * image * c;
      form.parts(net,
                 input.images(chunk.first, chunk.images).read(x.samples(chunk.first, chunk.images), channels),
                 chunk.images * image, result.data());
      if constexpr (is_counted<D>) return;
      launch(form.output(net, result.data()), at + channels.first_changed, shape_of(chunk.images),
             sums.data() + chunk.first * sums_each);
    });
  });
  add_parts_to_logdet(logdet, sums.data(), sums_each, sign);
}

}  // namespace detail

/// x [N, H, W, C] -> y in place, where the network has net.outputs = Map::outputs (C / 2); logdet [N] may be
/// empty. The network reads `input`.
template <class Map = SigmoidAffine, class T, OrCounted<Cuda> D>
void coupling_forward(const PackedNetwork<T>& net, View<T, D> x, View<T, D> logdet,
                      Condition which = Condition::on_second_half, const NetworkInputOf<T, D>& input = {}) {
  detail::coupling_map(net, x, logdet, T(1), which, input, kernels::coupling_sums,
                       [](const auto& network, T* at, const auto& shape, T* sums) {
                         kernels::launch_coupling_forward<Map>(network, at, shape, sums, cuda::stream());
                       });
}

/// y -> x in place.
template <class Map = SigmoidAffine, class T, OrCounted<Cuda> D>
void coupling_inverse(const PackedNetwork<T>& net, View<T, D> y, View<T, D> logdet,
                      Condition which = Condition::on_second_half, const NetworkInputOf<T, D>& input = {}) {
  detail::coupling_map(net, y, logdet, T(-1), which, input, kernels::coupling_sums,
                       [](const auto& network, T* at, const auto& shape, T* sums) {
                         kernels::launch_coupling_inverse<Map>(network, at, shape, sums, cuda::stream());
                       });
}

/// y -> x, dy -> dx in place and grad += ..., recomputing the network once; dlogdet [N] may be empty.
template <class Map = SigmoidAffine, class T, OrCounted<Cuda> D>
void coupling_backward(const PackedNetwork<T>& net, const NetworkGradient<T>& grad, View<T, D> y,
                       View<T, D> dy, View<T, D> dlogdet, Condition which = Condition::on_second_half,
                       const NetworkInputOf<T, D>& input = {}) {
  const Index c = y.channels(), image = y.height() * y.width();
  const CouplingChannels channels(c, which);
  detail::with_network_form<D>(net, [&](auto form) {
    using Form = decltype(form);
    const Index at_a_time = form.chunk(true);
    const Index most = detail::largest_chunk(y.batch(), image, at_a_time) * image;
    typename Form::Gradients gradients(net, grad, most);
    const Scratch<T, D> result(form.result_shape(net, most)), dout(Shape{most, net.outputs});
    auto trace = form.trace(net, most);
    typename Form::Rows d(most, net.outputs, net.width);
    detail::for_each_chunk(y.batch(), image, at_a_time, [&](detail::Chunk chunk) {
      const Index pixels = chunk.images * image;
      T* at = y.data() + chunk.first * image * c;
      T* d_at = dy.data() + chunk.first * image * c;
      const Pixels<const T> d_out{dout.data(), net.outputs, y.height(), y.width()};
      const NetworkInput<T, D> read = input.images(chunk.first, chunk.images);
      form.forward(net, read.read(y.samples(chunk.first, chunk.images), channels), pixels, trace,
                   result.data());
      if constexpr (!is_counted<D>) {
        kernels::launch_coupling_backward<Map, T>(
            form.output(net, result.data()), dlogdet.empty() ? nullptr : dlogdet.data() + chunk.first,
            at + channels.first_changed, d_at + channels.first_changed, dout.data(),
            {chunk.images, y.height(), y.width(), c, channels.changed}, cuda::stream());
      }
      form.backward(net, trace, d_out, pixels, d, result.data());
      form.add_input_gradient(net, result.data(),
                              read.gradient_of(dy.samples(chunk.first, chunk.images), channels), pixels);
      gradients.add(trace, d, d_out, pixels);
    });
    gradients.finish();
  });
}

}  // namespace glow::ops
