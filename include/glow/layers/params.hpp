// Parameters as plain data. A layer's `Params<Leaf>` is one struct for three uses: Leaf = Shape declares the
// shapes, Leaf = View holds the numbers (values and gradients alike), Leaf = Var is what tape-recorded code
// sees. Its member `visit(f)` calls f(name, leaf) or f(name, leaf, role) for every leaf, always in the same
// order.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What becomes of a leaf: `trainable` is optimised and saved, `constant` is only saved, `derived` is
/// computed from the others and neither. A `weight` is a trainable leaf that weight decay may shrink: the
/// matrix of a product in a network. Gradients have trainable leaves only; their other views are empty.
enum class Role { trainable, constant, derived, weight };

/// True for leaves that are optimised.
constexpr bool is_trainable(Role role) { return role == Role::trainable || role == Role::weight; }

/// Parameters of a layer that has none.
template <class Leaf>
struct NoParams {
  template <class F>
  void visit(F&&) {}
};

namespace detail {

// "prefix/name", or the name alone without a prefix. Called for every leaf of every layer.
[[gnu::noinline]] inline std::string prefixed(const std::string& prefix, std::string_view name) {
  std::string text = prefix;
  if (!prefix.empty()) text += '/';
  return text.append(name);
}

}  // namespace detail

/// Wraps a visitor so that it sees names with `prefix` and a slash before them; an empty prefix changes
/// nothing.
template <class F>
auto with_prefix(std::string prefix, F& f) {
  return [prefix = std::move(prefix), &f](std::string_view name, auto& leaf, Role role = Role::trainable) {
    f(detail::prefixed(prefix, name), leaf, role);
  };
}

/// Empty parameters of a layer: `layer.blank<Leaf>()` where a layer's parameters have a size of their own (a
/// repeated layer), else a default-made `Params<Leaf>`.
template <class Leaf, class Layer>
typename Layer::template Params<Leaf> blank_params(const Layer& layer) {
  if constexpr (requires { layer.template blank<Leaf>(); }) {
    return layer.template blank<Leaf>();
  } else {
    return {};
  }
}

/// The leaves of a layer's parameters as a list, in the order of their `visit`. Lists of one thread nest: the
/// last made is the first to go.
template <class Leaf>
class Leaves {
 public:
  struct Entry {
    Leaf* leaf;
    Role role;
  };

  template <class P>
  explicit Leaves(P& params) : first_(stack().size()) {
    params.visit([](std::string_view, Leaf& leaf, Role role = Role::trainable) {
      stack().push_back({&leaf, role});
    });
    size_ = stack().size() - first_;
  }
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  ~Leaves() { stack().resize(first_); }

  std::size_t size() const { return size_; }
  Entry operator[](std::size_t i) const { return stack()[first_ + i]; }

 private:
  // Kept, so that repeated calls allocate nothing.
  static std::vector<Entry>& stack() {
    static thread_local std::vector<Entry> entries;
    return entries;
  }

  std::size_t first_, size_;
};

}  // namespace glow
