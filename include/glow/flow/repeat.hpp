// Repeat: a step K times over, each time with parameters of its own.
#pragma once

#include <vector>

#include <glow/flow/for_each_step.hpp>
#include <glow/flow/layer.hpp>
#include <glow/flow/visit_layers.hpp>
#include <glow/layers/architecture.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The depth of a Repeat whose number of steps is chosen at run time.
inline constexpr int at_run_time = -1;

/// `Repeat<Step>`: Architecture::depth steps; `Repeat<Step, 32>`: always 32. The step must keep its input's
/// shape. Its parameters are the steps', named "step1/...", "step2/...".
template <class Step, int Depth = at_run_time>
class Repeat {
  static_assert(check_layer<Step>());

 public:
  static_assert(Depth == at_run_time || Depth >= 1, "glow: Repeat needs a depth of at least 1");

  template <class Leaf>
  struct Params {
    std::vector<typename Step::template Params<Leaf>> steps;

    template <class F>
    void visit(F&& f) {
      for (std::size_t k = 0; k < steps.size(); ++k) steps[k].visit(with_prefix(name_of(k)(), f));
    }
  };

  Repeat() requires(Depth != at_run_time) = default;
  /// `depth` copies of `step`; throws ShapeError below 1.
  explicit Repeat(int depth, Step step = Step()) requires(Depth == at_run_time)
      : step_(std::move(step)), depth_(depth) {
    require<ShapeError>(depth >= 1, "Repeat: depth ", depth, " must be at least 1");
  }
  explicit Repeat(const Architecture& a)
      : step_(make_layer<Step>(a)), depth_(Depth == at_run_time ? a.depth : Depth) {
    require<ShapeError>(depth_ >= 1, "Repeat: depth ", depth_, " must be at least 1");
  }

  static constexpr bool only_calls_ops = true;

  int depth() const { return depth_; }
  const Step& step() const { return step_; }

  /// See the function visit_layers.
  template <class F>
  void visit_layers(const std::string& name, F&& fn) const {
    for (std::size_t k = 0; k < static_cast<std::size_t>(depth_); ++k)
      glow::visit_layers(step_, detail::name_within(name, name_of(k)()), fn);
  }

  template <class Leaf>
  Params<Leaf> blank() const {
    return {std::vector(static_cast<std::size_t>(depth_), blank_params<Leaf>(step_))};
  }

  template <class D = Cpu>
  Params<Shape> declare(const Shape& x) const {
    const Shape y = output_shape(step_, x);
    require<ShapeError>(y == x, "Repeat: a repeated step must keep the shape, but makes ", y, " of ", x);
    return {std::vector(static_cast<std::size_t>(depth_), declare_layer<D>(step_, x))};
  }

  /// Bytes that the steps may keep in training, see activation_bytes.
  template <class T>
  ActivationBytes activations(const Shape& x) const {
    const ActivationBytes bytes = activation_bytes<T>(step_, x);
    return {static_cast<std::size_t>(depth_) * bytes[0], static_cast<std::size_t>(depth_) * bytes[1]};
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    std::uint64_t n = 0;
    for (auto& step : p.steps) initialize_layer<Step, T, D>(step_, step, random.fork(n++));
  }

  template <class T, class D>
  void start_through(Params<View<T, D>>& p, View<T, D>& x, PassOf<T, D> pass) const {
    for (auto& step : p.steps) start_layer<Step, T, D>(step_, step, x, pass);
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    for_each_step(D(), static_cast<Index>(p.steps.size()),
                  [&](Index k) { prepare_layer<Step, T, D>(step_, p.steps[static_cast<std::size_t>(k)]); });
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D>& x, PassOf<T, D> pass) const {
    if (pass.probe == nullptr) return layer_forward_steps<Step, T, D>(step_, p.steps, x, pass);
    for (std::size_t k = 0; k < p.steps.size(); ++k) {
      probed(Verb::forward, name_of(k), x, pass,
             [&](const Pass<T, D>& within) { layer_forward<Step, T, D>(step_, p.steps[k], x, within); });
    }
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D>& y, PassOf<T, D> pass) const {
    for (std::size_t k = p.steps.size(); k-- > 0;) {
      probed(Verb::inverse, name_of(k), y, pass,
             [&](const Pass<T, D>& within) { layer_inverse<Step, T, D>(step_, p.steps[k], y, within); });
    }
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D>& y, View<T, D>& dy,
                PassOf<T, D> pass) const {
    for (std::size_t k = p.steps.size(); k-- > 0;) {
      probed(Verb::backward, name_of(k), dy, pass, [&](const Pass<T, D>& within) {
        layer_backward<Step, T, D>(step_, p.steps[k], grad.steps[k], y, dy, within);
      });
    }
  }

 private:
  // Step k's name, when it is asked for.
  static auto name_of(std::size_t k) {
    return [k] { return join("step", k + 1); };
  }

  Step step_;
  int depth_ = Depth;
};

}  // namespace glow
