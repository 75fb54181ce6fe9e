// Products of the tape and their pull-backs on a GPU: matrix products of cuBLAS, and for 3x3 convolutions in
// float cuDNN where convolution_choice.hpp says so. As a matrix product a 3x3 convolution is one of its
// pixels' neighbourhoods [pixels, 9 in] and its kernel [9 in, out].
#pragma once

#include <glow/ops/cuda/conv3x3.hpp>
#include <glow/ops/products.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// A matrix without gaps, as a product takes it: as it lies in memory, or transposed.
template <class T>
struct Whole {
  const T* data;
  bool transposed = false;
};

// C [m, n] = A [m, k] B [k, n] + beta C, or `batch` of them one after another.
template <class T>
void whole_product(Index m, Index n, Index k, Whole<T> a, Whole<T> b, T beta, T* c, Index batch = 1) {
  const auto pitch = [](Index columns) { return std::max(Index{1}, columns); };  // as cuBLAS asks, if k = 0
  if (m == 0 || n == 0 || batch == 0) return;
  const Operand<T> left{a.data, pitch(a.transposed ? m : k), a.transposed};
  const Operand<T> right{b.data, pitch(b.transposed ? k : n), b.transposed};
  if (batch == 1) return gemm<T, T>(Precision::full, m, n, k, left, right, beta, c, n);
  gemm_batch<T>(batch, m, n, k, left, right, beta, c);
}

}  // namespace detail

/// y = a times b.
template <class T, OrCounted<Cuda> D>
void tape_product(products::Matmul p, View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> b, View<T, D> y) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.m, p.n, p.k, {a.data()}, {b.data()}, 0, y.data(), p.batch);
}
template <class T, OrCounted<Cuda> D>
void tape_product(products::Conv1x1 p, View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> w, View<T, D> y) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.rows, p.out, p.in, {x.data()}, {w.data(), true}, 0, y.data());
}

/// da += dy times b.
template <class T, OrCounted<Cuda> D>
void tape_product_pull_first(products::Matmul p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> b,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> da) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.m, p.k, p.n, {dy.data()}, {b.data(), true}, 1, da.data(), p.batch);
}
template <class T, OrCounted<Cuda> D>
void tape_product_pull_first(products::Conv1x1 p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> w,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> dx) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.rows, p.in, p.out, {dy.data()}, {w.data()}, 1, dx.data());
}

/// db += a times dy.
template <class T, OrCounted<Cuda> D>
void tape_product_pull_second(products::Matmul p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> a,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> db) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.k, p.n, p.m, {a.data(), true}, {dy.data()}, 1, db.data(), p.batch);
}
template <class T, OrCounted<Cuda> D>
void tape_product_pull_second(products::Conv1x1 p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> dw) {
  if constexpr (is_counted<D>) return;
  detail::whole_product<T>(p.out, p.in, p.rows, {dy.data(), true}, {x.data()}, 1, dw.data());
}

namespace detail {

// Calls fn(first, pixels, columns) for chunks of the batch: `pixels` pixels from `first` on, and memory for
// what gather_neighbours makes of them, [pixels, 9 in].
template <class T, OrCounted<Cuda> D, class F>
void for_neighbourhoods(const products::Conv3x3& p, F fn) {
  const Index image = p.height * p.width;
  if (image == 0 || p.in == 0 || p.out == 0) return;
  Scratch<T, D> columns(Shape{largest_chunk(p.batch, image, chunk_pixels) * image, taps * p.in});
  for_each_chunk(p.batch, image, chunk_pixels,
                 [&](Chunk chunk) { fn(chunk.first * image, chunk.images * image, columns.data()); });
}

// columns [pixels, 9 in] = the neighbourhoods of x [pixels, in].
template <class T>
void gather(const products::Conv3x3& p, const T* x, Index pixels, T* columns) {
  kernels::launch_gather_neighbours(x, p.in, p.height, p.width, p.in, Taps::same, pixels, columns,
                                    taps * p.in, cuda::stream(), p.dilation);
}

// Whether cuDNN takes the convolution, which has pixels and channels and no dilation then.
template <class T>
bool by_cudnn(const products::Conv3x3& p) {
  return p.dilation == 1 && p.batch * p.height * p.width > 0 && p.in > 0 && p.out > 0 &&
         conv3x3_by_cudnn<T>(p.out);
}

// The kernel [3, 3, in, out] as cuDNN's filter [out, 3, 3, in].
template <OrCounted<Cuda> D>
class Filter {
 public:
  Filter(const products::Conv3x3& p, const float* kernel) : filter_(Shape{p.out, taps, p.in}) {
    if constexpr (is_counted<D>) return;
    kernels::launch_pack_filter(kernel, {taps, p.in, p.out}, filter_.data(), cuda::stream());
  }
  const float* data() const { return filter_.data(); }

 private:
  Scratch<float, D> filter_;
};

}  // namespace detail

template <class T, OrCounted<Cuda> D>
void tape_product(products::Conv3x3 p, View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel, View<T, D> y) {
  if constexpr (std::is_same_v<T, float>) {
    if (detail::by_cudnn<T>(p)) {
      return detail::conv3x3_forward_by_cudnn(detail::Filter<D>(p, kernel.data()).data(), nullptr, x, y);
    }
  }
  detail::for_neighbourhoods<T, D>(p, [&](Index first, Index pixels, T* columns) {
    if constexpr (is_counted<D>) return;
    detail::gather(p, x.data() + first * p.in, pixels, columns);
    detail::whole_product<T>(pixels, p.out, taps * p.in, {columns}, {kernel.data()}, 0,
                             y.data() + first * p.out);
  });
}
template <class T, OrCounted<Cuda> D>
void tape_product_pull_first(products::Conv3x3 p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> dx) {
  if constexpr (std::is_same_v<T, float>) {
    if (detail::by_cudnn<T>(p)) {
      return detail::conv3x3_add_input_gradient_by_cudnn(detail::Filter<D>(p, kernel.data()).data(), dy, dx);
    }
  }
  detail::for_neighbourhoods<T, D>(p, [&](Index first, Index pixels, T* columns) {
    if constexpr (is_counted<D>) return;
    detail::whole_product<T>(pixels, taps * p.in, p.out, {dy.data() + first * p.out}, {kernel.data(), true},
                             0, columns);
    kernels::launch_sum_neighbours(columns, taps * p.in, p.height, p.width, p.in, Taps::mirrored, pixels,
                                   dx.data() + first * p.in, p.in, cuda::stream(), p.dilation);
  });
}
template <class T, OrCounted<Cuda> D>
void tape_product_pull_second(products::Conv3x3 p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> d_kernel) {
  if constexpr (std::is_same_v<T, float>) {
    if (detail::by_cudnn<T>(p)) return detail::conv3x3_add_kernel_gradient_by_cudnn(x, dy, d_kernel.data());
  }
  detail::for_neighbourhoods<T, D>(p, [&](Index first, Index pixels, T* columns) {
    if constexpr (is_counted<D>) return;
    detail::gather(p, x.data() + first * p.in, pixels, columns);
    detail::whole_product<T>(taps * p.in, p.out, pixels, {columns, true}, {dy.data() + first * p.out}, 1,
                             d_kernel.data());
  });
}

}  // namespace glow::ops
