// Invertible 1x1 convolution on a GPU, y = W x at every pixel, W = P L (U + diag(sign_s exp(log_s))). The
// kernels are in kernels/conv1x1.cu and kernels/conv1x1_weights.cu; the start, once a model, is the host's.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/cpu/conv1x1.hpp>
#include <glow/ops/kernels/conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// d_weight [c, c] = dy^T x by cuBLAS, whose matrices lie column by column: so it sees x^T and dy^T, and makes
// d_weight^T.
template <class T>
void blas_outer_product(const T* x, const T* dy, T* d_weight, Index pixels, Index c) {
  const int n = static_cast<int>(c), k = static_cast<int>(pixels);
  const T one = 1, zero = 0;
  const cublasHandle_t blas = cuda::Context::current().blas();
  if constexpr (std::is_same_v<T, float>) {
    cuda::check(cuda::blas_library().sgemm(blas, CUBLAS_OP_N, CUBLAS_OP_T, n, n, k, &one, x, n, dy, n, &zero,
                                           d_weight, n),
                "conv1x1_weight_gradient");
  } else {
    cuda::check(cuda::blas_library().dgemm(blas, CUBLAS_OP_N, CUBLAS_OP_T, n, n, k, &one, x, n, dy, n, &zero,
                                           d_weight, n),
                "conv1x1_weight_gradient");
  }
}

}  // namespace detail

/// Start: W orthogonal, the Q of a matrix of N(0, 1) draws; P [C, C], L [C, C], U [C, C], log_s [C], sign_s
/// [C] from its LU decomposition with partial pivoting.
template <class T>
void conv1x1_start(View<T, Cuda> permutation, View<T, Cuda> lower, View<T, Cuda> upper, View<T, Cuda> log_s,
                   View<T, Cuda> sign_s, Random random) {
  Tensor<T> p(permutation.shape()), l(lower.shape()), u(upper.shape()), s(log_s.shape()),
      sign(sign_s.shape());
  conv1x1_start(p.view(), l.view(), u.view(), s.view(), sign.view(), random);
  transfer(View<const T, Cpu>(p), permutation);
  transfer(View<const T, Cpu>(l), lower);
  transfer(View<const T, Cpu>(u), upper);
  transfer(View<const T, Cpu>(s), log_s);
  transfer(View<const T, Cpu>(sign), sign_s);
}

/// W [C, C] and W^-1 [C, C] from the factors, the inverse by triangular solves.
template <class T>
void conv1x1_assemble(View<T, Cuda> permutation, View<T, Cuda> lower, View<T, Cuda> upper,
                      View<T, Cuda> log_s, View<T, Cuda> sign_s, View<T, Cuda> weight,
                      View<T, Cuda> inverse) {
  kernels::launch_conv1x1_assemble<T>(permutation.data(), lower.data(), upper.data(), log_s.data(),
                                      sign_s.data(), weight.data(), inverse.data(), log_s.size(),
                                      cuda::stream());
}

/// Packs M [C, C] for conv1x1_apply of M, and of its transpose unless `packed_t` is empty.
template <class T>
void conv1x1_pack(View<const std::type_identity_t<T>, Cuda> m, View<T, Cuda> packed, View<T, Cuda> packed_t) {
  kernels::launch_conv1x1_pack<T>(m.data(), packed.data(), packed_t.data(), m.channels(), cuda::stream());
}

/// x_row -> M x_row for every row of x [..., C], in place; `packed` is the packed form of M^T.
template <class T>
void conv1x1_apply(View<T, Cuda> packed, View<T, Cuda> x) {
  kernels::launch_conv1x1_apply<T>(packed.data(), x.data(), x.rows(), x.channels(), cuda::stream());
}

/// d_weight [C, C] = sum over pixels of dy x^T; x and dy are [N, H, W, C].
template <class T, OrCounted<Cuda> D>
void conv1x1_weight_gradient(View<T, D> x, View<T, D> dy, View<T, D> d_weight) {
  const Index c = x.channels();
  const bool by_blas = c > kernels::most_outer_channels;
  const Scratch<T, D> part(Shape{by_blas ? 0 : kernels::most_outer_parts, c, c});
  if constexpr (is_counted<D>) return;
  if (by_blas) {
    detail::blas_outer_product(x.data(), dy.data(), d_weight.data(), x.rows(), c);
    return;
  }
  kernels::launch_conv1x1_weight_gradient<T>(x.data(), dy.data(), part.data(), d_weight.data(), x.rows(), c,
                                             cuda::stream());
}

/// Pulls dW [C, C] = sum over pixels of dy x^T back to the factors: d_lower, d_upper, d_log_s += (the part of
/// the log-determinant is the caller's).
template <class T>
void conv1x1_pull_back(View<T, Cuda> permutation, View<T, Cuda> lower, View<T, Cuda> upper,
                       View<T, Cuda> log_s, View<T, Cuda> sign_s, View<T, Cuda> d_weight,
                       View<T, Cuda> d_lower, View<T, Cuda> d_upper, View<T, Cuda> d_log_s) {
  const Scratch<T, Cuda> work(d_weight.shape());
  kernels::launch_conv1x1_pull_back<T>(permutation.data(), lower.data(), upper.data(), log_s.data(),
                                       sign_s.data(), d_weight.data(), work.data(), d_lower.data(),
                                       d_upper.data(), d_log_s.data(), log_s.size(), cuda::stream());
}

}  // namespace glow::ops
