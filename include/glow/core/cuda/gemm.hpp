// Matrix products of cuBLAS on row-major matrices.
#pragma once

#include <algorithm>

#include <glow/core/cuda/context.hpp>
#include <glow/core/index.hpp>

namespace glow::cuda {

/// A matrix as a product takes it: as it lies in memory, or transposed.
template <class T>
struct Factor {
  const T* data;
  bool transposed = false;
};

namespace detail {

inline cublasStatus_t gemm(cublasHandle_t blas, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                           int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                           const float* beta, float* c, int ldc) {
  return cublasSgemm(blas, op_a, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
inline cublasStatus_t gemm(cublasHandle_t blas, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                           int k, const double* alpha, const double* a, int lda, const double* b, int ldb,
                           const double* beta, double* c, int ldc) {
  return cublasDgemm(blas, op_a, op_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace detail

/// C [m, n] = A B + beta C, with A [m, k] and B [k, n] after transposition, on the current context.
template <class T>
void gemm(Index m, Index n, Index k, Factor<T> a, Factor<T> b, T beta, T* c) {
  // To cuBLAS, which counts by columns, a row-major matrix is its transpose: C^T = B^T A^T.
  const auto op = [](const Factor<T>& f) { return f.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  const auto extent = [](Index e) { return static_cast<int>(std::max(Index{1}, e)); };
  if (m == 0 || n == 0) return;
  const T alpha = 1;
  check(detail::gemm(Context::current().blas(), op(b), op(a), static_cast<int>(n), static_cast<int>(m),
                     static_cast<int>(k), &alpha, b.data, extent(b.transposed ? k : n), a.data,
                     extent(a.transposed ? m : k), &beta, c, extent(n)),
        "a matrix product");
}

}  // namespace glow::cuda
