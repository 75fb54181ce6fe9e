// The numbers of a layer's parameters, whatever the layer: values, gradients, constants and derived numbers,
// each in one contiguous block, with named views into it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <glow/layers/params.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The part of Parameters that is the same for all layers.
template <class T, class D = Cpu>
class ParameterStore {
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

  /// Bytes that the numbers of a role take, without gradients; those of weights are among the trainable ones.
  std::size_t bytes(Role role) const {
    return static_cast<std::size_t>(blocks_[block_of(role)].size()) * sizeof(T);
  }

  /// All trainable numbers, flat.
  View<T, D> values() { return blocks_[0]; }
  View<const T, D> values() const { return blocks_[0]; }
  /// Their gradients, flat, in the same order.
  View<T, D> gradient() { return gradient_; }
  View<const T, D> gradient() const { return gradient_; }
  /// Where weights lie among `values`: the bounds of ops::Decayed.
  View<const Index, D> weights() const { return weights_; }
  /// The numbers of replica i, flat, in the order of `gradient`; see Parameters::replicas.
  View<T, D> replica(std::size_t i) { return replicas_[i]; }

  /// Every tensor by name, in the order of the layers.
  const std::vector<Entry>& entries() { return entries_; }
  const std::vector<ConstEntry>& entries() const { return const_entries_; }

  /// The tensor `name`; throws Error if there is none.
  const Entry& entry(std::string_view name) { return find(entries_, name); }
  const ConstEntry& entry(std::string_view name) const { return find(const_entries_, name); }

 protected:
  /// A tensor to be stored.
  struct Declared {
    std::string name;
    Role role;
    Shape shape;
  };

  ParameterStore() = default;

  /// Makes room for all tensors, which are zeros, and sets the layer's leaves to it.
  void store(const std::vector<Declared>& tensors, const Leaves<View<T, D>>& values,
             const Leaves<View<T, D>>& gradients) {
    Index sizes[3] = {0, 0, 0};
    for (const Declared& t : tensors) sizes[block_of(t.role)] += room(t);
    for (std::size_t b = 0; b < 3; ++b) blocks_[b] = Tensor<T, D>(Shape{sizes[b]});
    gradient_ = Tensor<T, D>(Shape{sizes[0]});
    Index used[3] = {0, 0, 0};
    std::vector<Index> bounds;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const auto& [name, role, shape] = tensors[i];
      Index& at = used[block_of(role)];
      *values[i].leaf = View<T, D>(blocks_[block_of(role)].data() + at, shape);
      if (is_trainable(role)) *gradients[i].leaf = View<T, D>(gradient_.data() + at, shape);
      if (role == Role::weight) bounds.insert(bounds.end(), {at, at + shape.size()});
      at += room(tensors[i]);
      entries_.push_back({name, role, *values[i].leaf, *gradients[i].leaf});
      const_entries_.push_back({name, role, *values[i].leaf, *gradients[i].leaf});
    }
    weights_ = Tensor<Index, D>(Shape{static_cast<Index>(bounds.size())});
    transfer(View<const Index, Cpu>(bounds.data(), weights_.shape()), weights_.view());
  }

  /// Makes room for one more replica of the gradients and sets its leaves to it.
  void store_replica(const Leaves<View<T, D>>& leaves) {
    replicas_.emplace_back(gradient_.shape());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const View<T, D>& mine = entries_[i].gradient;
      if (mine.empty()) continue;
      *leaves[i].leaf = View<T, D>(replicas_.back().data() + (mine.data() - gradient_.data()), mine.shape());
    }
  }

 private:
  template <class Entries>
  static const auto& find(const Entries& entries, std::string_view name) {
    for (const auto& e : entries) {
      if (e.name == name) return e;
    }
    throw Error(join("Parameters: there is no tensor named '", name, "'"));
  }

  static std::size_t block_of(Role role) {
    return static_cast<std::size_t>(role == Role::weight ? Role::trainable : role);
  }

  // Derived tensors start on cache lines, since kernels stream them; the others lie without gaps.
  static Index room(const Declared& tensor) {
    const Index unit = tensor.role == Role::derived ? static_cast<Index>(64 / sizeof(T)) : 1;
    return (tensor.shape.size() + unit - 1) / unit * unit;
  }

  Tensor<T, D> blocks_[3];  // by role
  Tensor<T, D> gradient_;
  Tensor<Index, D> weights_;
  std::vector<Tensor<T, D>> replicas_;
  std::vector<Entry> entries_;
  std::vector<ConstEntry> const_entries_;  // the same
};

}  // namespace glow
