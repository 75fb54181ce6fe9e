// Views of glow as matrices of Eigen, without a copy: a row for each pixel (or vector), a column for each
// channel. And tensors made of Eigen's matrices.
#pragma once

#include <Eigen/Core>
#include <type_traits>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Eigen's matrix of T as glow lays numbers out, row by row.
template <class T>
using EigenMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A view's own elements as an Eigen matrix; those of a view of constant elements are constant.
template <class T>
using EigenMatrixMap = Eigen::Map<
    std::conditional_t<std::is_const_v<T>, const EigenMatrix<std::remove_const_t<T>>, EigenMatrix<T>>>;

/// The elements of x as a matrix [rows, channels]: [N H W, C] of images [N, H, W, C], [N, D] of vectors, [1,
/// n] of a single extent n, [1, 1] of a scalar, [0, 0] of an empty view. It is valid as long as they are;
/// writing to it writes to them.
template <class T>
EigenMatrixMap<T> as_eigen(View<T, Cpu> x) {
  const int rank = x.shape().rank();
  const Index columns = x.empty() ? 0 : rank == 0 ? 1 : x.channels();
  Index rows = x.empty() ? 0 : 1;
  for (int axis = 0; axis + 1 < rank; ++axis) rows *= x.shape()[axis];
  return {x.data(), rows, columns};
}
template <class T>
EigenMatrixMap<T> as_eigen(Tensor<T, Cpu>& x) {
  return as_eigen(View<T, Cpu>(x));
}
template <class T>
EigenMatrixMap<const T> as_eigen(const Tensor<T, Cpu>& x) {
  return as_eigen(View<const T, Cpu>(x));
}
/// An unnamed tensor ends with its expression, and its matrix would outlive it.
template <class T>
void as_eigen(const Tensor<T, Cpu>&&) = delete;

/// A tensor [rows, columns] with the numbers of a matrix, an array or an expression of them, of any layout.
template <class Expression>
Tensor<typename Expression::Scalar> from_eigen(const Eigen::DenseBase<Expression>& x) {
  Tensor<typename Expression::Scalar> result({x.rows(), x.cols()});
  as_eigen(result) = x.derived().matrix();
  return result;
}

/// The same under another shape, row by row: a matrix [N H W, C] becomes images [N, H, W, C]. Throws
/// ShapeError if their sizes differ.
template <class Expression>
Tensor<typename Expression::Scalar> from_eigen(const Eigen::DenseBase<Expression>& x, const Shape& shape) {
  require<ShapeError>(x.size() == shape.size(), "from_eigen: a matrix ", x.rows(), "x", x.cols(),
                      " does not have the elements of ", shape);
  Tensor<typename Expression::Scalar> result(shape);
  as_eigen(View<typename Expression::Scalar>(result).as({x.rows(), x.cols()})) = x.derived().matrix();
  return result;
}

}  // namespace glow
