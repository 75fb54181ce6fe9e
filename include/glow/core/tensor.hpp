// View: a pointer with a shape, copied freely. Tensor: an array that owns its memory, of which views are
// made.
#pragma once

#include <type_traits>
#include <utility>

#include <glow/core/device.hpp>
#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Dense row-major array that someone else owns; images are [N, H, W, C]. Copying a view copies no element.
template <class T, class D = Cpu>
class View {
 public:
  using value_type = std::remove_const_t<T>;
  using device = D;

  View() = default;
  View(T* data, Shape shape) : data_(data), shape_(shape) {}
  /// Owners of elements that are views themselves (Scratch) give no view where they end with their
  /// expression.
  template <class Owner>
  View(const Owner&&) requires(std::is_base_of_v<View, Owner> && !std::is_same_v<View, Owner>) = delete;
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
  /// Product of the extents between batch and channels: the pixels of an image, 1 for vectors [N, D].
  Index positions() const {
    Index n = 1;
    for (int axis = 1; axis + 1 < shape_.rank(); ++axis) n *= shape_[axis];
    return n;
  }
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

/// Dense row-major array that owns its memory; copying it copies the elements. Starts at zero. The elements
/// of a const tensor are const. A view of it must not outlive it: so an unnamed tensor, which ends with its
/// expression, gives none.
template <class T, class D = Cpu>
class Tensor {
 public:
  using value_type = T;
  using device = D;

  Tensor() = default;
  explicit Tensor(Shape shape) : view_(allocate(shape), shape) { clear(view_); }
  explicit Tensor(View<const T, D> other) : view_(allocate(other.shape()), other.shape()) {
    copy(other, view_);
  }
  Tensor(const Tensor& other) {
    if (!other.empty()) *this = Tensor(other.view());
  }
  Tensor(Tensor&& other) noexcept : view_(std::exchange(other.view_, {})) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(view_, other.view_);
    return *this;
  }
  ~Tensor() {
    if (data() != nullptr) D::deallocate(data());
  }

  /// The elements as a view; verbs that change the shape in place take it by reference.
  View<T, D>& view() & { return view_; }
  View<const T, D> view() const& { return view_; }
  void view() && = delete;
  void view() const&& = delete;
  operator View<T, D>() & { return view_; }
  operator View<const T, D>() const& { return view_; }
  operator View<T, D>() && = delete;
  operator View<const T, D>() const&& = delete;

  // What views have, see there.
  T* data() { return view_.data(); }
  const T* data() const { return view_.data(); }
  const Shape& shape() const { return view_.shape(); }
  Index size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  Index batch() const { return view_.batch(); }
  Index height() const { return view_.height(); }
  Index width() const { return view_.width(); }
  Index positions() const { return view_.positions(); }
  Index channels() const { return view_.channels(); }
  Index rows() const { return view_.rows(); }
  T& operator[](Index i) requires D::host_memory { return view_[i]; }
  const T& operator[](Index i) const requires D::host_memory { return view_[i]; }
  T* begin() requires D::host_memory { return view_.begin(); }
  const T* begin() const requires D::host_memory { return view_.begin(); }
  T* end() requires D::host_memory { return view_.end(); }
  const T* end() const requires D::host_memory { return view_.end(); }
  View<T, D> as(Shape shape) & { return view_.as(shape); }
  View<const T, D> as(Shape shape) const& { return view().as(shape); }
  void as(Shape) && = delete;
  View<T, D> samples(Index first, Index count) & { return view_.samples(first, count); }
  View<const T, D> samples(Index first, Index count) const& { return view().samples(first, count); }
  void samples(Index, Index) && = delete;

 private:
  static T* allocate(const Shape& shape) {
    return static_cast<T*>(
        D::allocate(static_cast<std::size_t>(shape.size() > 0 ? shape.size() : 1) * sizeof(T)));
  }

  View<T, D> view_;
};

}  // namespace glow
