// One coupling on a GPU and its twin in double on the host, with the same numbers.
#pragma once

#include "twins.hpp"

namespace glow::test {

template <class T, class C = Coupling>
struct CouplingTwin {
  Shape shape;
  C on_host, on_device;
  Parameters<C, double> reference;
  Parameters<C, T, Cuda> parameters;
  Tensor<double> x, dy, dlogdet;

  // Then the inverse takes away the very numbers that the forward pass added.
  static constexpr bool log_scale_is_of_network_alone =
      !std::is_same_v<decltype(on_host.map()), RationalQuadratic<8>>;

  CouplingTwin(const Shape& s, Index width, Precision precision = Precision::full,
               ConvNetOptions options = {})
      : shape(s),
        on_host(ConvNet(width, Precision::full, options)),
        on_device(ConvNet(width, precision, options)),
        reference(on_host, s),
        parameters(on_device, s),
        x(normal(s, 1)),
        dy(normal(s, 2)),
        dlogdet(normal({s[0]}, 3)) {
    on_host.initialize(reference.params(), Random{7, 7});
    shake(reference, 1 / std::sqrt(9.0 * static_cast<double>(std::max(width, Index{11}))));
    prepare();
  }

  /// Takes every hidden unit far from where ReLU turns: for rounded operands, which else let some units turn
  /// on or off, and a gradient jumps by all that such a unit has to say.
  void decide() {
    const auto& p = reference.params();
    for (Index i = 0; i < p.conv1.bias.size(); ++i) {
      p.conv1.bias[i] = i % 3 == 1 ? -5 : 5;
      p.conv2.bias[i] = i % 5 > 2 ? -30 : 30;
    }
    for (Index i = 0; i < p.conv3.kernel.size(); ++i) p.conv3.kernel[i] /= 30;
    prepare();
  }

  /// Values and log-determinants against the reference's, relative to the largest number; `inverse_tolerance`
  /// for what undoes what.
  void check_values(double tolerance, double inverse_tolerance) {
    INFO(shape << ", width " << on_host.net().width() << ", " << on_device.net().precision());
    Tensor<double> y = x, logdet(Shape{shape[0]});
    on_host.forward(reference.params(), y.view(), logdet.view());
    auto gpu_y = on_gpu(as<T>(x));
    Tensor<T, Cuda> gpu_logdet(logdet.shape());
    on_device.forward(parameters.params(), gpu_y.view(), gpu_logdet.view());
    CHECK(difference(gpu_y, y) <= tolerance);
    CHECK(difference(gpu_logdet, logdet) <= tolerance);

    on_device.inverse(parameters.params(), gpu_y.view(), gpu_logdet.view());
    CHECK(difference(gpu_y, x) <= inverse_tolerance);
    const Tensor<T> left = on_cpu(gpu_logdet.view());
    if (log_scale_is_of_network_alone) {
      CHECK(same_bits(left, Tensor<T>(logdet.shape())));
    } else {
      for (const T l : left) CHECK(std::abs(l) <= 10 * inverse_tolerance);
    }
  }

  /// The same of every gradient.
  void check_gradients(double tolerance, double inverse_tolerance) {
    INFO(shape << ", width " << on_host.net().width() << ", " << on_device.net().precision());
    Tensor<double> back = x, dx = dy;
    on_host.forward(reference.params(), back.view(), View<double>());
    on_host.backward(reference.params(), reference.gradients(), back.view(), dx.view(), dlogdet.view());
    auto gpu_back = on_gpu(as<T>(x)), gpu_dx = on_gpu(as<T>(dy));
    auto gpu_dlogdet = on_gpu(as<T>(dlogdet));
    on_device.forward(parameters.params(), gpu_back.view(), View<T, Cuda>());
    on_device.backward(parameters.params(), parameters.gradients(), gpu_back.view(), gpu_dx.view(),
                       gpu_dlogdet.view());
    CHECK(difference(gpu_back, x) <= inverse_tolerance);
    CHECK(difference(gpu_dx, dx) <= tolerance);
    for (std::size_t i = 0; i < parameters.entries().size(); ++i) {
      const auto& entry = parameters.entries()[i];
      if (!is_trainable(entry.role)) continue;
      INFO(entry.name);
      CHECK(difference(Tensor<T, Cuda>(View<const T, Cuda>(entry.gradient)),
                       Tensor<double>(View<const double>(reference.entries()[i].gradient))) <= tolerance);
    }
  }

  void check(double tolerance, double inverse_tolerance) {
    check_values(tolerance, inverse_tolerance);
    check_gradients(tolerance, inverse_tolerance);
  }

  /// Everything that one forward and one backward pass leave.
  Tensor<T> run() {
    clear(parameters.gradient());
    auto y = on_gpu(as<T>(x)), dx = on_gpu(as<T>(dy));
    auto gpu_dlogdet = on_gpu(as<T>(dlogdet));
    Tensor<T, Cuda> logdet(Shape{shape[0]});
    on_device.forward(parameters.params(), y.view(), logdet.view());
    on_device.backward(parameters.params(), parameters.gradients(), y.view(), dx.view(), gpu_dlogdet.view());
    Tensor<T> all(Shape{y.size() + dx.size() + logdet.size() + parameters.gradient().size()});
    Index at = 0;
    for (const View<T, Cuda>& part : {y.view(), dx.view(), logdet.view(), parameters.gradient()}) {
      const Shape flat{part.size()};
      transfer(View<const T, Cuda>(part.data(), flat), View<T>(all.data() + at, flat));
      at += part.size();
    }
    return all;
  }

 private:
  void prepare() {
    on_host.prepare(reference.params());
    const auto values = as<T>(Tensor<double>(View<const double>(reference.values())));
    transfer(values.view(), parameters.values());
    on_device.prepare(parameters.params());
  }
};

}  // namespace glow::test
