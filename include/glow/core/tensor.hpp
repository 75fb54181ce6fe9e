// View: a pointer with a shape, copied freely. Tensor: a view that owns its memory.
#pragma once

#include <type_traits>
#include <utility>

#include <glow/core/device.hpp>
#include <glow/core/shape.hpp>

namespace glow {

/// Dense row-major array that someone else owns; images are [N, H, W, C]. Copying a view copies no element.
template <class T, class D = Cpu>
class View {
 public:
  using value_type = std::remove_const_t<T>;
  using device = D;

  View() = default;
  View(T* data, Shape shape) : data_(data), shape_(shape) {}
  /// A view of mutable elements serves where constant ones are asked for.
  operator View<const T, D>() const requires(!std::is_const_v<T>) { return {data_, shape_}; }

  T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  Index size() const { return data_ == nullptr ? 0 : shape_.size(); }
  /// True for a default-made view: "no tensor given".
  bool empty() const { return data_ == nullptr; }

  Index batch() const { return shape_[0]; }
  Index height() const { return shape_[1]; }
  Index width() const { return shape_[2]; }
  /// Innermost extent, whatever the rank.
  Index channels() const { return shape_.back(); }
  /// Product of all extents but the innermost: the rows of the matrix [rows, channels].
  Index rows() const { return channels() == 0 ? 0 : size() / channels(); }

  /// Elements, for memory that host code can reach; there are none of these on a GPU's.
  T& operator[](Index i) const requires D::host_memory { return data_[i]; }
  T* begin() const requires D::host_memory { return data_; }
  T* end() const requires D::host_memory { return data_ + size(); }

  /// The same elements under another shape of the same size; throws ShapeError if the sizes differ.
  View as(Shape shape) const {
    require<ShapeError>(shape.size() == shape_.size(), "View: cannot view ", shape_, " as ", shape);
    return {data_, shape};
  }
  /// Samples first, first + 1, ..., first + count - 1 of the outermost extent.
  View samples(Index first, Index count) const {
    require<ShapeError>(first >= 0 && count >= 0 && first + count <= shape_[0], "View: samples ", first,
                        " to ", first + count, " of ", shape_);
    return {data_ + first * (shape_[0] == 0 ? 0 : shape_.size() / shape_[0]), shape_.with_batch(count)};
  }

 private:
  T* data_ = nullptr;
  Shape shape_;
};

/// Copies elements; throws ShapeError if the shapes differ.
template <class T, class D>
void copy(View<const std::type_identity_t<T>, std::type_identity_t<D>> from, View<T, D> to) {
  require<ShapeError>(from.shape() == to.shape(), "copy: ", from.shape(), " into ", to.shape());
  D::copy(to.data(), from.data(), static_cast<std::size_t>(from.size()) * sizeof(T));
}

/// Copies elements between devices, here within the host; returns when they have arrived. Throws ShapeError
/// if the shapes differ.
template <class T>
void transfer(View<const std::type_identity_t<T>, Cpu> from, View<T, Cpu> to) {
  copy(from, to);
}

/// Sets all elements to zero.
template <class T, class D>
void clear(View<T, D> x) {
  D::clear(x.data(), static_cast<std::size_t>(x.size()) * sizeof(T));
}

/// Dense row-major array that owns its memory; copying it copies the elements. Starts at zero.
template <class T, class D = Cpu>
class Tensor : public View<T, D> {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : View<T, D>(allocate(shape), shape) { clear(view()); }
  explicit Tensor(View<const T, D> other) : View<T, D>(allocate(other.shape()), other.shape()) {
    copy(other, view());
  }
  Tensor(const Tensor& other) : View<T, D>() {
    if (!other.empty()) *this = Tensor(View<const T, D>(other));
  }
  Tensor(Tensor&& other) noexcept : View<T, D>(std::exchange(other.view(), View<T, D>())) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(view(), other.view());
    return *this;
  }
  ~Tensor() {
    if (this->data() != nullptr) D::deallocate(this->data());
  }

  /// The tensor as a plain view, for calls that deduce their argument's type.
  View<T, D>& view() { return *this; }
  const View<T, D>& view() const { return *this; }

 private:
  static T* allocate(const Shape& shape) {
    return static_cast<T*>(
        D::allocate(static_cast<std::size_t>(shape.size() > 0 ? shape.size() : 1) * sizeof(T)));
  }
};

}  // namespace glow
