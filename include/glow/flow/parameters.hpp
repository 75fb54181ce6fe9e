// The storage of a layer's parameters: values, gradients, constants and derived numbers, each in one
// contiguous block, with named views into it.
#pragma once

#include <string>
#include <vector>

#include <glow/flow/layer.hpp>

namespace glow {

template <class Net, class T, class D>
class Model;

/// All numbers of a layer L (a model's whole net, usually). `values` and `gradient` are flat and match
/// element by element: what an optimiser, a norm or an average works on. Those of const parameters are const.
template <class L, class T, class D = Cpu>
class Parameters {
 public:
  /// One tensor of the layer; its numbers are `Number`s: T, or const T where the parameters are const.
  template <class Number>
  struct EntryOf {
    std::string name;
    Role role;
    View<Number, D> value;
    View<Number, D> gradient;  ///< empty unless trainable
  };
  using Entry = EntryOf<T>;
  using ConstEntry = EntryOf<const T>;

  /// Storage for `layer` on inputs of shape x [N, H, W, C], all zero. Throws ShapeError if the layer cannot
  /// take x.
  Parameters(const L& layer, const Shape& x)
      : params_(blank_params<View<T, D>>(layer)), grads_(blank_params<View<T, D>>(layer)) {
    auto shapes = declare_layer<D>(layer, x);
    Index sizes[3] = {0, 0, 0};
    shapes.visit([&](std::string_view name, Shape& shape, Role role = Role::trainable) {
      entries_.push_back({std::string(name), role, {}, {}});
      sizes[static_cast<int>(role)] += room(shape, role);
    });
    for (int role = 0; role < 3; ++role) blocks_[role] = Tensor<T, D>(Shape{sizes[role]});
    gradient_ = Tensor<T, D>(Shape{sizes[0]});
    place(shapes);
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
      replica_numbers_.emplace_back(gradient_.shape());
      replicas_.push_back(grads_);
      visit_pairs<View<T, D>>(grads_, replicas_.back(), [&](View<T, D>& mine, View<T, D>& other, Role role) {
        if (role != Role::trainable) return;
        other = View<T, D>(replica_numbers_.back().data() + (mine.data() - gradient_.data()), mine.shape());
      });
    }
    return replicas_;
  }
  /// The numbers of replica i, flat, in the order of `gradient`.
  View<T, D> replica(std::size_t i) { return replica_numbers_[i]; }

  /// Bytes that the numbers of a role take, without gradients.
  std::size_t bytes(Role role) const {
    return static_cast<std::size_t>(blocks_[static_cast<int>(role)].size()) * sizeof(T);
  }

  /// All trainable numbers, flat.
  View<T, D> values() { return blocks_[0]; }
  View<const T, D> values() const { return blocks_[0]; }
  /// Their gradients, flat, in the same order.
  View<T, D> gradient() { return gradient_; }
  View<const T, D> gradient() const { return gradient_; }
  /// Every tensor by name, in the order of the layers.
  const std::vector<Entry>& entries() { return entries_; }
  const std::vector<ConstEntry>& entries() const { return const_entries_; }

  /// The tensor `name`; throws Error if there is none.
  const Entry& entry(std::string_view name) { return find(entries_, name); }
  const ConstEntry& entry(std::string_view name) const { return find(const_entries_, name); }

 private:
  // A model's const verbs hand the same views to its layers, which do not write to them.
  template <class, class, class>
  friend class Model;
  const LayerParams<L, T, D>& params_for_reading() const { return params_; }

  template <class Entries>
  static const auto& find(const Entries& entries, std::string_view name) {
    for (const auto& e : entries) {
      if (e.name == name) return e;
    }
    throw Error(join("Parameters: there is no tensor named '", name, "'"));
  }

  // Derived tensors start on cache lines, since kernels stream them; the others lie without gaps.
  static Index room(const Shape& shape, Role role) {
    const Index unit = role == Role::derived ? static_cast<Index>(64 / sizeof(T)) : 1;
    return (shape.size() + unit - 1) / unit * unit;
  }

  template <class Shapes>
  void place(Shapes& shapes) {
    Index used[3] = {0, 0, 0};
    std::size_t n = 0;
    visit_pairs<Shape>(shapes, params_, [&](Shape& shape, View<T, D>& leaf, Role role) {
      const int block = static_cast<int>(role);
      leaf = View<T, D>(blocks_[block].data() + used[block], shape);
      entries_[n++].value = leaf;
      used[block] += room(shape, role);
    });
    Index used_gradient = 0;
    n = 0;
    visit_pairs<Shape>(shapes, grads_, [&](Shape& shape, View<T, D>& leaf, Role role) {
      Entry& entry = entries_[n++];
      if (role != Role::trainable) return;
      leaf = View<T, D>(gradient_.data() + used_gradient, shape);
      entry.gradient = leaf;
      used_gradient += shape.size();
    });
    for (const Entry& e : entries_) const_entries_.push_back({e.name, e.role, e.value, e.gradient});
  }

  LayerParams<L, T, D> params_;
  LayerParams<L, T, D> grads_;
  Tensor<T, D> blocks_[3];  // by role
  Tensor<T, D> gradient_;
  std::vector<Tensor<T, D>> replica_numbers_;
  std::vector<LayerParams<L, T, D>> replicas_;
  std::vector<Entry> entries_;
  std::vector<ConstEntry> const_entries_;  // the same
};

}  // namespace glow
