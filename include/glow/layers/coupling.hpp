// Coupling: x = [x_a | x_b]; h = network(x_b); y_a = map(x_a; h), y_b = x_b; log|det dy/dx| is the sum of the
// map's log-scales. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR
// 2017, section 3.2.
#pragma once

#include <glow/layers/context.hpp>
#include <glow/layers/conv_net.hpp>
#include <glow/layers/pass.hpp>
#include <glow/layers/taped_coupling.hpp>
#include <glow/ops/changed_channels.hpp>
#include <glow/ops/condition.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Calls fn(map): for a map that is a type of its own, this one.
template <class Map, class F>
decltype(auto) with_map(Map map, F&& fn) {
  return fn(map);
}

/// True for a network in tape operations: one with `forward(p, x) -> h` on variables.
template <class Net>
inline constexpr bool is_taped_net = requires(const Net& net, typename Net::template Params<Var<double>>& p,
                                              Var<double> x) {
  { net.forward(p, x) } -> std::same_as<Var<double>>;
};

/// Transforms half of the channels (C / 2, rounded down) by numbers that a network makes of the others. `Map`
/// is a struct of ops/maps or AnyMap; `which` says what the network reads. `Net` is ConvNet, for images, or
/// any type with
///
///   template <class Leaf> struct Params     as a layer's
///   declare(x, outputs) -> Params<Shape>    x is the shape [N, ..., c] of what it reads
///   forward(p, x) -> h [N, ..., outputs]    in tape operations
///
/// and, where it needs them, blank, initialize and prepare as a layer has them (docs/layers.md).
template <class Map = SigmoidAffine, class Net = ConvNet, Condition which = Condition::on_second_half>
class CouplingOf {
  static constexpr bool taped = is_taped_net<Net>;

 public:
  static constexpr std::string_view name = "coupling";
  static constexpr bool only_calls_ops = true;
  static constexpr Condition condition = which;

  template <class Leaf>
  using Params = typename Net::template Params<Leaf>;

  /// `context`: what the network reads besides, see Architecture::context.
  explicit CouplingOf(Net net = Net(), Shape context = {}) : net_(std::move(net)), context_(context) {}
  /// The network `Net(width, precision)`, for a ConvNet.
  explicit CouplingOf(Index width, Precision precision = Precision::full) requires(
      std::constructible_from<Net, Index, Precision>)
      : net_(width, precision) {}
  explicit CouplingOf(const Architecture& a)
      : net_(make_layer<Net>(a)), context_(a.conditional == Conditional::all ? layer_context(a) : Shape()) {
    if constexpr (requires { map_.chosen; }) map_.chosen = a.coupling;
  }

  const Net& net() const { return net_; }
  Map map() const { return map_; }
  /// Of one sample; rank 0 for none.
  const Shape& context() const { return context_; }

  /// Of an input of C channels those that change, each number by itself.
  ops::ChangedChannels changed_channels(Index c) const {
    const ops::CouplingChannels at(c, which);
    return {at.first_changed, at.changed};
  }

  template <class Leaf>
  Params<Leaf> blank() const {
    return blank_params<Leaf>(net_);
  }

  template <class D = Cpu>
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(taped ? x.rank() >= 2 : x.rank() == 4, "Coupling: input ", x, " must be ",
                        taped ? "[N, ..., C]" : "[N, H, W, C]");
    require<ShapeError>(x.back() >= 2, "Coupling: ", x.back(), " channel cannot be split in two (input is ",
                        x, ")");
    const Index read = ops::CouplingChannels(x.back(), which).read + context_channels(context_, x);
    if constexpr (requires { net_.template declare<D>(x, read); }) {
      return net_.template declare<D>(x.with_back(read), outputs(x));
    } else {
      return net_.declare(x.with_back(read), outputs(x));
    }
  }

  /// Bytes that training may keep for an input of shape x.
  template <class T>
  ActivationBytes activations(const Shape& x) const requires(!taped) {
    return net_.template activations<T>(outputs(x), x.size() / x.back());
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    if constexpr (requires { net_.initialize(p, random); }) net_.initialize(p, random);
  }

  /// Starts what the network takes from a first batch.
  template <class T, class D>
  void start(Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const
      requires(requires(const Net& net, View<T, D> read) { net.start(p, read); }) {
    const JoinedContext<T, D> joined = read<T, D>(x, pass);
    if (!joined.values().empty()) return net_.start(p, joined.values());
    const ops::CouplingChannels at = channels(x);
    const Scratch<T, D> read(x.shape().with_back(at.read)), changed(x.shape().with_back(at.changed));
    const bool read_first = at.first_read == 0;
    split_channels(x, read_first ? read.view() : changed.view(), read_first ? changed.view() : read.view());
    net_.start(p, read.view());
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    if constexpr (requires { net_.prepare(p); }) net_.prepare(p);
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    const JoinedContext<T, D> joined = read<T, D>(x, pass);
    const ops::NetworkInput<T, D> input{joined.values(), {}};
    with_map(map_, [&]<class M>(M) {
      if constexpr (taped) {
        detail::with_taped_output<M>(net_, p, x, input, which,
                                     [&](View<T, D> h) { map_forward<M>(h, x, pass.logdet, which); });
      } else if constexpr (keeps_records<D>) {
        const auto net = net_.packed(p);
        const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->push(activations<T>(x.shape()));
        coupling_forward<M>(net, x, pass.logdet, coupling_record(net, x.rows(), memory), which, input);
      } else {
        coupling_forward<M>(net_.packed(p), x, pass.logdet, which, input);
      }
    });
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, PassOf<T, D> pass) const {
    const JoinedContext<T, D> joined = read<T, D>(y, pass);
    const ops::NetworkInput<T, D> input{joined.values(), {}};
    with_map(map_, [&]<class M>(M) {
      if constexpr (taped) {
        detail::with_taped_output<M>(net_, p, y, input, which,
                                     [&](View<T, D> h) { map_inverse<M>(h, y, pass.logdet, which); });
      } else {
        coupling_inverse<M>(net_.packed(p), y, pass.logdet, which, input);
      }
    });
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> y, View<T, D> dy,
                PassOf<T, D> pass) const {
    const JoinedContext<T, D> joined = read<T, D>(y, pass, true);
    const ops::NetworkInput<T, D> input{joined.values(), joined.gradient()};
    with_map(map_, [&]<class M>(M) {
      if constexpr (taped) {
        detail::taped_coupling_backward<M>(net_, p, grad, y, dy, pass.logdet, input, which);
      } else if constexpr (keeps_records<D>) {
        const auto net = net_.packed(p);
        const auto memory = pass.kept == nullptr ? Record<D>{} : pass.kept->top();
        net_.with_gradient(p, grad, [&](const ops::NetworkGradient<T>& gradient) {
          coupling_backward<M>(net, gradient, y, dy, pass.logdet, coupling_record(net, y.rows(), memory),
                               which, input);
        });
        if (pass.kept != nullptr) pass.kept->pop();
      } else {
        net_.with_gradient(p, grad, [&](const ops::NetworkGradient<T>& gradient) {
          coupling_backward<M>(net_.packed(p), gradient, y, dy, pass.logdet, which, input);
        });
      }
    });
    joined.pull_back(read_of(dy), pass);
  }

  /// What the network reads of x and its context, if there is one.
  template <class T, class D>
  JoinedContext<T, D> read(View<T, D> x, const Pass<T, D>& pass, bool backward = false) const {
    return {"Coupling", context_, read_of(x), channels(x).read, x.shape(), pass, backward, reads_edges()};
  }

 private:
  // A GPU computes again what the backward pass needs.
  template <class D>
  static constexpr bool keeps_records = OrCounted<D, Cpu>;
  template <class D>
  using Record = typename Kept<D>::Record;

  template <class T, class D>
  static ops::CouplingChannels channels(View<T, D> x) {
    return {x.channels(), which};
  }
  template <class T, class D>
  static ops::ChannelRange<T, D> read_of(View<T, D> x) {
    return {x, channels(x).first_read, channels(x).read};
  }

  bool reads_edges() const {
    if constexpr (requires { net_.options().edges; }) {
      return net_.options().edges;
    } else {
      return false;
    }
  }

  Index outputs(const Shape& x) const {
    return with_map(map_, []<class M>(M) { return Index{M::outputs}; }) *
           ops::CouplingChannels(x.back(), which).changed;
  }

  Net net_;
  Shape context_;
  [[no_unique_address]] Map map_;
};

/// Glow's affine coupling: y_a = sigmoid(a + 2) x_a + mu.
using Coupling = CouplingOf<>;

}  // namespace glow
