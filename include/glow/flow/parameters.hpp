// The storage of a layer's parameters, with the views into it that the layer takes.
#pragma once

#include <vector>

#include <glow/flow/layer.hpp>
#include <glow/flow/parameter_store.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

template <class Net, class T, class D>
class Model;

/// All numbers of a layer L (a model's whole net, usually). `values` and `gradient` are flat and match
/// element by element: what an optimiser, a norm or an average works on. Those of const parameters are const.
template <class L, class T, class D = Cpu>
class Parameters : public ParameterStore<T, D> {
 public:
  /// Storage for `layer` on inputs of shape x [N, H, W, C], all zero. Throws ShapeError if the layer cannot
  /// take x.
  Parameters(const L& layer, const Shape& x)
      : params_(blank_params<View<T, D>>(layer)), grads_(blank_params<View<T, D>>(layer)) {
    auto shapes = declare_layer<D>(layer, x);
    std::vector<typename ParameterStore<T, D>::Declared> tensors;
    shapes.visit([&](std::string_view name, Shape& shape, Role role = Role::trainable) {
      tensors.push_back({std::string(name), role, shape});
    });
    const Leaves<View<T, D>> values(params_), gradients(grads_);
    this->store(tensors, values, gradients);
  }
  Parameters(Parameters&&) noexcept = default;
  Parameters& operator=(Parameters&&) noexcept = default;

  /// The layer's own view of its parameters, to hand to its verbs.
  LayerParams<L, T, D>& params() { return params_; }
  /// The same of their gradients.
  LayerParams<L, T, D>& gradients() { return grads_; }

  /// Gradients apart from `gradient`, for work that sums its own: n of them, which are kept for later calls.
  std::vector<LayerParams<L, T, D>>& replicas(std::size_t n) {
    while (replicas_.size() < n) {
      replicas_.push_back(grads_);
      this->store_replica(Leaves<View<T, D>>(replicas_.back()));
    }
    return replicas_;
  }

 private:
  // A model's const verbs hand the same views to its layers, which do not write to them.
  template <class, class, class>
  friend class Model;
  const LayerParams<L, T, D>& params_for_reading() const { return params_; }

  LayerParams<L, T, D> params_;
  LayerParams<L, T, D> grads_;
  std::vector<LayerParams<L, T, D>> replicas_;
};

}  // namespace glow
