// Products of the tape and their pull-backs on a GPU, all of them matrix products of cuBLAS. A 3x3
// convolution is one of its pixels' neighbourhoods [pixels, 9 in] and its kernel [9 in, out].
#pragma once

#include <glow/ad/products.hpp>
#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/core/cuda/gemm.hpp>
#include <glow/kernels/tape.hpp>

namespace glow::ops {

/// y = a times b.
template <class T>
void tape_product(products::Matmul p, View<const std::type_identity_t<T>, Cuda> a,
                  View<const std::type_identity_t<T>, Cuda> b, View<T, Cuda> y) {
  cuda::gemm<T>(p.m, p.n, p.k, {a.data()}, {b.data()}, 0, y.data());
}
template <class T>
void tape_product(products::Conv1x1 p, View<const std::type_identity_t<T>, Cuda> x,
                  View<const std::type_identity_t<T>, Cuda> w, View<T, Cuda> y) {
  cuda::gemm<T>(p.rows, p.out, p.in, {x.data()}, {w.data(), true}, 0, y.data());
}

/// da += dy times b.
template <class T>
void tape_product_pull_first(products::Matmul p, View<const std::type_identity_t<T>, Cuda> b,
                             View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> da) {
  cuda::gemm<T>(p.m, p.k, p.n, {dy.data()}, {b.data(), true}, 1, da.data());
}
template <class T>
void tape_product_pull_first(products::Conv1x1 p, View<const std::type_identity_t<T>, Cuda> w,
                             View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dx) {
  cuda::gemm<T>(p.rows, p.in, p.out, {dy.data()}, {w.data()}, 1, dx.data());
}

/// db += a times dy.
template <class T>
void tape_product_pull_second(products::Matmul p, View<const std::type_identity_t<T>, Cuda> a,
                              View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> db) {
  cuda::gemm<T>(p.k, p.n, p.m, {a.data(), true}, {dy.data()}, 1, db.data());
}
template <class T>
void tape_product_pull_second(products::Conv1x1 p, View<const std::type_identity_t<T>, Cuda> x,
                              View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dw) {
  cuda::gemm<T>(p.out, p.in, p.rows, {dy.data(), true}, {x.data()}, 1, dw.data());
}

namespace detail {

// Calls fn(part, x, y, gathered) for parts of the batch, so that neighbourhoods take no more than 64 MiB or
// those of one image; x and y are offsets of the part's elements, gathered [pixels of the part, 9 in] is
// uninitialised.
template <class T, class F>
void for_parts_of(const products::Conv3x3& p, F fn) {
  const Index pixels = p.height * p.width, image = pixels * 9 * p.in;
  const Index most =
      std::max(Index{1}, (Index{64} << 20) / static_cast<Index>(sizeof(T)) / std::max(Index{1}, image));
  const Index images = std::min(p.batch, most);
  Scratch<T, Cuda> gathered(Shape{images * image});
  for (Index first = 0; first < p.batch; first += images) {
    products::Conv3x3 part = p;
    part.batch = std::min(images, p.batch - first);
    fn(part, first * pixels * p.in, first * pixels * p.out, gathered.data());
  }
}

inline Index pixels_of(const products::Conv3x3& p) { return p.batch * p.height * p.width; }

}  // namespace detail

template <class T>
void tape_product(products::Conv3x3 p, View<const std::type_identity_t<T>, Cuda> x,
                  View<const std::type_identity_t<T>, Cuda> kernel, View<T, Cuda> y) {
  detail::for_parts_of<T>(p, [&](const products::Conv3x3& part, Index at_x, Index at_y, T* gathered) {
    kernels::launch_tape_gather_taps(part, x.data() + at_x, gathered, cuda::stream());
    cuda::gemm<T>(detail::pixels_of(part), p.out, 9 * p.in, {gathered}, {kernel.data()}, 0, y.data() + at_y);
  });
}
template <class T>
void tape_product_pull_first(products::Conv3x3 p, View<const std::type_identity_t<T>, Cuda> kernel,
                             View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> dx) {
  detail::for_parts_of<T>(p, [&](const products::Conv3x3& part, Index at_x, Index at_y, T* gathered) {
    cuda::gemm<T>(detail::pixels_of(part), 9 * p.in, p.out, {dy.data() + at_y}, {kernel.data(), true}, 0,
                  gathered);
    kernels::launch_tape_add_taps(part, gathered, dx.data() + at_x, cuda::stream());
  });
}
template <class T>
void tape_product_pull_second(products::Conv3x3 p, View<const std::type_identity_t<T>, Cuda> x,
                              View<const std::type_identity_t<T>, Cuda> dy, View<T, Cuda> d_kernel) {
  detail::for_parts_of<T>(p, [&](const products::Conv3x3& part, Index at_x, Index at_y, T* gathered) {
    kernels::launch_tape_gather_taps(part, x.data() + at_x, gathered, cuda::stream());
    cuda::gemm<T>(9 * p.in, p.out, detail::pixels_of(part), {gathered, true}, {dy.data() + at_y}, 1,
                  d_kernel.data());
  });
}

}  // namespace glow::ops
