// Between NumPy arrays and the library's tensors, without copies.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <glow/core/interruptible.hpp>
#include <glow/runtime/any_model.hpp>

namespace glow::python {

namespace nb = nanobind;

template <class T>
using Given = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;
template <class T>
using Array = nb::ndarray<nb::numpy, T, nb::c_contig>;
using Labels = std::optional<Given<std::int64_t>>;
using Features = std::optional<Given<float>>;

template <class T>
Shape shape_of(const Given<T>& x) {
  Shape shape;
  for (std::size_t i = 0; i < x.ndim(); ++i) shape.push_back(static_cast<Index>(x.shape(i)));
  return shape;
}

template <class T>
View<const T> view_of(const Given<T>& x) {
  return {x.data(), shape_of(x)};
}

// The tensor's memory as an array, which owns it.
template <class T>
Array<T> array_of(Tensor<T>&& x) {
  auto* const kept = new Tensor<T>(std::move(x));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<Tensor<T>*>(p); });
  std::vector<std::size_t> shape;
  for (int i = 0; i < kept->shape().rank(); ++i) shape.push_back(static_cast<std::size_t>(kept->shape()[i]));
  return Array<T>(kept->data(), shape.size(), shape.data(), owner);
}
template <class T>
Array<T> array_of(std::vector<T>&& x, const Shape& as) {
  auto* const kept = new std::vector<T>(std::move(x));
  const nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  std::vector<std::size_t> shape;
  for (int i = 0; i < as.rank(); ++i) shape.push_back(static_cast<std::size_t>(as[i]));
  return Array<T>(kept->data(), shape.size(), shape.data(), owner);
}

inline std::span<const Index> labels_of(const Labels& labels) {
  static_assert(sizeof(Index) == sizeof(std::int64_t));
  if (!labels) return {};
  return {reinterpret_cast<const Index*>(labels->data()), labels->size()};
}

inline Context<float> context_of(const Labels& labels, const Features& features) {
  Context<float> context = with_labels(labels_of(labels));
  if (features) context.features = view_of(*features);
  return context;
}

inline std::vector<Index> extents(const Shape& shape) {
  std::vector<Index> all;
  for (int i = 0; i < shape.rank(); ++i) all.push_back(shape[i]);
  return all;
}

inline Shape shape_from(const std::vector<Index>& extents) {
  Shape shape;
  for (const Index e : extents) shape.push_back(e);
  return shape;
}

// Throws KeyboardInterrupt after Ctrl-C, and whatever else a handler of a signal raises.
inline void check_signals() {
  const nb::gil_scoped_acquire acquire;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

// Work without the lock of the interpreter, which ends early by Ctrl-C.
template <class F>
auto unlocked(F fn) {
  const nb::gil_scoped_release release;
  const Interruptible interruptible(check_signals);
  return fn();
}

}  // namespace glow::python
