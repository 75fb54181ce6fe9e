// Matrix products on a GPU, by cuBLAS, for row-major matrices.
#pragma once

#include <type_traits>

#include <cuda_bf16.h>

#include <glow/core/cuda/device.hpp>
#include <glow/core/precision.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Operand of a product on a GPU: rows lie `pitch` elements apart; `transposed` if the rows are its columns.
template <class E>
struct Operand {
  const E* data;
  Index pitch;
  bool transposed = false;
};

namespace detail {

template <class E>
inline constexpr cudaDataType blas_type = std::is_same_v<E, double>  ? CUDA_R_64F
                                          : std::is_same_v<E, float> ? CUDA_R_32F
                                                                     : CUDA_R_16BF;

}  // namespace detail

/// C [m, n] = A [m, k] B [k, n] + beta C, rows of C `pitch` elements apart. E is T, or bf16 for T = float;
/// Precision::tf32 rounds operands of float, every other one takes them as they are.
template <class E, class T>
void gemm(Precision precision, Index m, Index n, Index k, Operand<E> a, Operand<E> b,
          std::type_identity_t<T> beta, T* c, Index pitch) {
  const auto compute = std::is_same_v<T, double> ? CUBLAS_COMPUTE_64F
                       : std::is_same_v<E, float> && precision == Precision::tf32
                           ? CUBLAS_COMPUTE_32F_FAST_TF32
                           : CUBLAS_COMPUTE_32F;
  const auto op = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto size = [](Index i) { return static_cast<int>(i); };
  const T one = 1;
  // cuBLAS counts by columns: there it is C^T = B^T A^T.
  cuda::check(cuda::blas_library().gemm_ex(
                  cuda::Context::current().blas(), op(b.transposed), op(a.transposed), size(n), size(m),
                  size(k), &one, b.data, detail::blas_type<E>, size(b.pitch), a.data, detail::blas_type<E>,
                  size(a.pitch), &beta, c, detail::blas_type<T>, size(pitch), compute, CUBLAS_GEMM_DEFAULT),
              "a matrix product");
}

/// Such products for each of a batch, C [batch, m, n], whose operands of T and results lie one after another
/// without gaps.
template <class T>
void gemm_batch(Index batch, Index m, Index n, Index k, Operand<T> a, Operand<T> b,
                std::type_identity_t<T> beta, T* c) {
  const auto op = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto size = [](Index i) { return static_cast<int>(i); };
  const auto compute = std::is_same_v<T, double> ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F;
  const T one = 1;
  cuda::check(cuda::blas_library().gemm_strided_batched_ex(
                  cuda::Context::current().blas(), op(b.transposed), op(a.transposed), size(n), size(m),
                  size(k), &one, b.data, detail::blas_type<T>, size(b.pitch), k * n, a.data,
                  detail::blas_type<T>, size(a.pitch), m * k, &beta, c, detail::blas_type<T>, size(n), m * n,
                  size(batch), compute, CUBLAS_GEMM_DEFAULT),
              "a batch of matrix products");
}

}  // namespace glow::ops
