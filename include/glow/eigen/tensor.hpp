// Views of glow as Eigen's tensors (the unsupported module CXX11/Tensor, which comes with Eigen), without a
// copy, and tensors made of Eigen's.
#pragma once

#include <array>
#include <type_traits>
#include <unsupported/Eigen/CXX11/Tensor>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A view's own elements as an Eigen tensor; those of a view of constant elements are constant.
template <class T, int Rank>
using EigenTensorMap = Eigen::TensorMap<
    std::conditional_t<std::is_const_v<T>, const Eigen::Tensor<std::remove_const_t<T>, Rank, Eigen::RowMajor>,
                       Eigen::Tensor<T, Rank, Eigen::RowMajor>>>;

/// The elements of x as an Eigen tensor of its shape: as_eigen<4>(images)(n, y, x, c). It is valid as long as
/// they are; writing to it writes to them. Throws ShapeError if x does not have this rank.
template <int Rank, class T>
EigenTensorMap<T, Rank> as_eigen(View<T, Cpu> x) {
  require<ShapeError>(x.shape().rank() == Rank, "as_eigen: a tensor of rank ", Rank, " cannot be a view of ",
                      x.shape());
  std::array<Index, Rank> extents;
  for (int axis = 0; axis < Rank; ++axis) extents[static_cast<std::size_t>(axis)] = x.shape()[axis];
  return {x.data(), extents};
}
template <int Rank, class T>
EigenTensorMap<T, Rank> as_eigen(Tensor<T, Cpu>& x) {
  return as_eigen<Rank>(View<T, Cpu>(x));
}
template <int Rank, class T>
EigenTensorMap<const T, Rank> as_eigen(const Tensor<T, Cpu>& x) {
  return as_eigen<Rank>(View<const T, Cpu>(x));
}
/// An unnamed tensor ends with its expression, and its map would outlive it.
template <int Rank, class T>
void as_eigen(const Tensor<T, Cpu>&&) = delete;

/// A tensor of the shape and with the numbers of an Eigen tensor or an expression of them: element (i, j,
/// ...) stays element (i, j, ...), whatever Eigen's layout. Ranks 0 to 4.
template <class Expression>
auto from_eigen(const Eigen::TensorBase<Expression, Eigen::ReadOnlyAccessors>& x) {
  using Traits = Eigen::internal::traits<Expression>;
  using Scalar = std::remove_const_t<typename Traits::Scalar>;
  constexpr int rank = Traits::NumDimensions;
  static_assert(rank <= Shape::max_rank, "from_eigen: tensors of glow have at most 4 extents");
  const auto& expression = static_cast<const Expression&>(x);
  const Eigen::TensorEvaluator<const Expression, Eigen::DefaultDevice> evaluated(expression, {});
  Shape shape;
  if constexpr (rank > 0) {
    for (std::size_t axis = 0; axis < rank; ++axis) shape.push_back(evaluated.dimensions()[axis]);
  }
  Tensor<Scalar> result(shape);
  if constexpr (static_cast<int>(Traits::Layout) == static_cast<int>(Eigen::RowMajor)) {
    as_eigen<rank>(result) = expression;
  } else {
    std::array<int, rank> reversed;
    for (int axis = 0; axis < rank; ++axis) reversed[static_cast<std::size_t>(axis)] = rank - 1 - axis;
    as_eigen<rank>(result) = expression.swap_layout().shuffle(reversed);
  }
  return result;
}

}  // namespace glow
