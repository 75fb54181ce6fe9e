// Affine coupling: x = [x_a | x_b]; [mu | a] = network(x_b); y_a = sigmoid(a + 2) x_a + mu, y_b = x_b;
// log|det dy/dx| = sum of log sigmoid(a + 2). The network is conv3x3 (c -> w), ReLU, conv1x1 (w -> w), ReLU,
// conv3x3 (w -> 2a) from zeros. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real
// NVP, ICLR 2017, section 3.2; the network and the scale are those of Kingma and Dhariwal's Glow (2018),
// section 3.3.
#pragma once

#include <cmath>

#include <glow/core/random.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/params.hpp>
#include <glow/layers/pass.hpp>
#include <glow/ops/cpu/coupling.hpp>

namespace glow {

/// Transforms the first half of the channels (rounded down) by numbers that a network makes of the second
/// half.
class Coupling {
 public:
  static constexpr std::string_view name = "coupling";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  struct Params {
    Leaf kernel1, bias1;  ///< [3, 3, c, w], [w]
    Leaf kernel2, bias2;  ///< [w, w], [w]: from hidden unit, to hidden unit
    Leaf kernel3, bias3;  ///< [3, 3, w, 2a], [2a]
    Leaf packed1, packed2, packed3, packed1_t, packed2_t,
        packed3_t;  ///< the kernels as operands of products, derived

    template <class F>
    void visit(F&& f) {
      f("conv1/kernel", kernel1);
      f("conv1/bias", bias1);
      f("conv2/kernel", kernel2);
      f("conv2/bias", bias2);
      f("conv3/kernel", kernel3);
      f("conv3/bias", bias3);
      f("packed1", packed1, Role::derived);
      f("packed2", packed2, Role::derived);
      f("packed3", packed3, Role::derived);
      f("packed1_t", packed1_t, Role::derived);
      f("packed2_t", packed2_t, Role::derived);
      f("packed3_t", packed3_t, Role::derived);
    }
  };

  /// `width`: channels of the hidden layers; throws ShapeError below 1.
  explicit Coupling(Index width = 512, Precision precision = Precision::full)
      : width_(width), precision_(precision) {
    require<ShapeError>(width >= 1, "Coupling: width ", width, " must be at least 1");
  }
  explicit Coupling(const Architecture& a) : Coupling(a.width, a.precision) {}

  /// Channels of the hidden layers.
  Index width() const { return width_; }
  /// Of the network's matrix products.
  Precision precision() const { return precision_; }

  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() == 4, "Coupling: input ", x, " must be [N, H, W, C]");
    require<ShapeError>(x[3] >= 2, "Coupling: ", x[3], " channel cannot be split in two (input is ", x, ")");
    const Index w = width_, out = 2 * (x[3] / 2), c = x[3] - x[3] / 2;
    const Index in9 = ops::taps * c, out9 = ops::taps * out;
    return {{3, 3, c, w},
            {w},
            {w, w},
            {w},
            {3, 3, w, out},
            {out},
            ops::network_operand_shape(in9, w),
            ops::network_operand_shape(w, w),
            ops::network_operand_shape(w, out9),
            ops::network_operand_shape(w, in9),
            ops::network_operand_shape(w, w),
            ops::network_operand_shape(out9, w)};
  }

  /// Bytes that training may keep for an input of shape x: the second hidden layer's activations with the
  /// output, and the first's.
  template <class T>
  ActivationBytes activations(const Shape& x) const {
    return ops::coupling_record_bytes<T>(precision_, width_, 2 * (x[3] / 2), x.size() / x[3]);
  }

  /// The first two kernels from N(0, 1 / fan-in), so that activations keep their scale; the rest stays zero,
  /// so that the layer starts as a fixed scaling.
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    initialize_kernel(p.kernel1, p.kernel1.size() / width_, random.fork(0));
    initialize_kernel(p.kernel2, width_, random.fork(1));
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    network_pack(precision_, p.kernel1, p.kernel2, p.kernel3, p.packed1, p.packed2, p.packed3, p.packed1_t,
                 p.packed2_t, p.packed3_t);
  }

  /// The network as ops take it.
  template <class T, class D>
  ops::PackedNetwork<T> network(const Params<View<T, D>>& p) const {
    return {precision_,         p.kernel1.shape()[2], width_,           p.bias3.size(),
            p.packed1.data(),   p.packed2.data(),     p.packed3.data(), p.packed1_t.data(),
            p.packed2_t.data(), p.packed3_t.data(),   p.bias1.data(),   p.bias2.data(),
            p.bias3.data()};
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    const auto net = network(p);
    if constexpr (keeps_records<D>) {
      const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->push(activations<T>(x.shape()));
      coupling_forward(net, x, pass.logdet, coupling_record(net, x.rows(), memory));
    } else {
      coupling_forward(net, x, pass.logdet);
    }
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, PassOf<T, D> pass) const {
    coupling_inverse(network(p), y, pass.logdet);
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                PassOf<T, D> pass) const {
    const auto net = network(p);
    if constexpr (keeps_records<D>) {
      const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->top();
      coupling_backward(net, gradient(grad), y, dy, pass.logdet, coupling_record(net, y.rows(), memory));
      if (pass.kept != nullptr) pass.kept->pop();
    } else {
      coupling_backward(net, gradient(grad), y, dy, pass.logdet);
    }
  }

 private:
  // A GPU computes again what the backward pass needs.
  template <class D>
  static constexpr bool keeps_records = OrCounted<D, Cpu>;
  template <class D>
  using Record = typename Kept<D>::Record;

  template <class T, class D>
  static ops::NetworkGradient<T> gradient(const Params<View<T, D>>& grad) {
    return {grad.kernel1.data(), grad.kernel2.data(), grad.kernel3.data(),
            grad.bias1.data(),   grad.bias2.data(),   grad.bias3.data()};
  }

  template <class T, class D>
  static void initialize_kernel(View<T, D> kernel, Index fan_in, Random random) {
    fill_normal(kernel, random, static_cast<T>(1 / std::sqrt(static_cast<double>(fan_in))));
  }

  Index width_;
  Precision precision_;
};

}  // namespace glow
