// Coupling: x = [x_a | x_b]; h = network(x_b); y_a = map(x_a; h), y_b = x_b; log|det dy/dx| is the sum of the
// map's log-scales. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR
// 2017, section 3.2.
#pragma once

#include <glow/layers/conv_net.hpp>
#include <glow/layers/pass.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

namespace glow {

/// Calls fn(map): for a map that is a type of its own, this one.
template <class Map, class F>
decltype(auto) with_map(Map map, F&& fn) {
  return fn(map);
}

/// Transforms half of the channels (C / 2, rounded down) by numbers that a network makes of the others. `Map`
/// is a struct of ops/maps or AnyMap, `Net` the network, `which` says what it reads.
template <class Map = SigmoidAffine, class Net = ConvNet, Condition which = Condition::on_second_half>
class CouplingOf {
 public:
  static constexpr std::string_view name = "coupling";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  using Params = typename Net::template Params<Leaf>;

  explicit CouplingOf(Net net = Net()) : net_(std::move(net)) {}
  /// `width`: channels of the hidden layers; throws ShapeError below 1.
  explicit CouplingOf(Index width, Precision precision = Precision::full) : net_(width, precision) {}
  explicit CouplingOf(const Architecture& a) : net_(a) {
    if constexpr (requires { map_.chosen; }) map_.chosen = a.coupling;
  }

  const Net& net() const { return net_; }
  Map map() const { return map_; }

  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() == 4, "Coupling: input ", x, " must be [N, H, W, C]");
    require<ShapeError>(x[3] >= 2, "Coupling: ", x[3], " channel cannot be split in two (input is ", x, ")");
    return net_.declare(x[3] - x[3] / 2, outputs(x));
  }

  /// Bytes that training may keep for an input of shape x.
  template <class T>
  ActivationBytes activations(const Shape& x) const {
    return net_.template activations<T>(outputs(x), x.size() / x[3]);
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    net_.initialize(p, random);
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    net_.prepare(p);
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    const auto net = net_.packed(p);
    if constexpr (keeps_records<D>) {
      const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->push(activations<T>(x.shape()));
      const auto record = coupling_record(net, x.rows(), memory);
      with_map(map_, [&]<class M>(M) { coupling_forward<M>(net, x, pass.logdet, record, which); });
    } else {
      with_map(map_, [&]<class M>(M) { coupling_forward<M>(net, x, pass.logdet, which); });
    }
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, PassOf<T, D> pass) const {
    with_map(map_, [&]<class M>(M) { coupling_inverse<M>(net_.packed(p), y, pass.logdet, which); });
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                PassOf<T, D> pass) const {
    const auto net = net_.packed(p);
    const auto gradient = net_.gradient(grad);
    if constexpr (keeps_records<D>) {
      const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->top();
      const auto record = coupling_record(net, y.rows(), memory);
      with_map(map_,
               [&]<class M>(M) { coupling_backward<M>(net, gradient, y, dy, pass.logdet, record, which); });
      if (pass.kept != nullptr) pass.kept->pop();
    } else {
      with_map(map_, [&]<class M>(M) { coupling_backward<M>(net, gradient, y, dy, pass.logdet, which); });
    }
  }

 private:
  // A GPU computes again what the backward pass needs.
  template <class D>
  static constexpr bool keeps_records = OrCounted<D, Cpu>;
  template <class D>
  using Record = typename Kept<D>::Record;

  Index outputs(const Shape& x) const {
    return with_map(map_, []<class M>(M) { return Index{M::outputs}; }) * (x[3] / 2);
  }

  Net net_;
  [[no_unique_address]] Map map_;
};

/// Glow's affine coupling: y_a = sigmoid(a + 2) x_a + mu.
using Coupling = CouplingOf<>;

}  // namespace glow
