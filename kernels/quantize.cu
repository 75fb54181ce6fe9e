// Between 8-bit numbers u and the model's x, element by element: x = bin(u) / bins - 1/2 + noise, noise ~
// U(0, 1 / bins) or one half of that, and back; x may be squeezed, which changes places alone: a number's
// noise goes by its place among the pixels. Outputs are written (=). Source: L. Theis, A. van den Oord, M.
// Bethge, A Note on the Evaluation of Generative Models, ICLR 2016; the equations are those of
// ops/dequantized.hpp.
#include <glow/core/divisor.hpp>
#include <glow/ops/dequantized.hpp>
#include <glow/ops/kernels/quantize.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

using Byte = std::uint8_t;

template <class T>
struct Dequantize {
  int n_bits;
  const Random* random;
  __device__ Vector<T, 4> operator()(Index i, const Vector<Byte, 4>& u) const {
    const auto words = random->words(static_cast<std::uint64_t>(i / 4));
    Vector<T, 4> x;
    for (std::size_t j = 0; j < 4; ++j) x.v[j] = ops::dequantized(u.v[j], n_bits, uniform<T>(words[j]));
    return x;
  }
};

// With random [images], one for `size` numbers: four of them may belong to two images or more.
template <class T>
struct DequantizeByImage {
  int n_bits;
  const Random* random;
  Index count;
  Divisor size;
  __device__ Vector<T, 4> operator()(Index i, const Vector<Byte, 4>& u) const {
    std::array<std::uint32_t, 4> words = {};
    Vector<T, 4> x = {};
    for (int j = 0; j < 4 && i + j < count; ++j) {
      const Index n = size.quotient(i + j), d = size.remainder(i + j);
      if (j == 0 || d % 4 == 0) words = random[n].words(static_cast<std::uint64_t>(d / 4));
      x.v[j] = ops::dequantized(u.v[j], n_bits, uniform<T>(words[static_cast<std::size_t>(d % 4)]));
    }
    return x;
  }
};

template <class T>
struct CentreOfBins {
  int n_bits;
  __device__ Vector<T, 4> operator()(Index, const Vector<Byte, 4>& u) const {
    Vector<T, 4> x;
    for (int j = 0; j < 4; ++j) x.v[j] = ops::centre_of_bin<T>(u.v[j], n_bits);
    return x;
  }
};

template <class T>
struct Quantize {
  int n_bits;
  __device__ Vector<Byte, 4> operator()(Index, const Vector<T, 4>& x) const {
    Vector<Byte, 4> u;
    for (int j = 0; j < 4; ++j) u.v[j] = ops::quantized(x.v[j], n_bits);
    return u;
  }
};

// Where number i of the pixels lies: in its place, or in that of squeezed images of c channels.
struct InPlace {
  __device__ Index operator()(Index i) const { return i; }
};
struct Ordered {
  ops::PixelOrder order;
  Index c;
  __device__ Index operator()(Index i) const { return order(i / c) * c + i % c; }
};

// One thread four numbers of the pixels, which both sides hold in pieces of N.
template <int N, class From, class To, class FromAt, class ToAt, class Map>
__global__ void __launch_bounds__(256)
    map_by_four_kernel(const From* __restrict__ from, FromAt from_at, To* __restrict__ to, ToAt to_at,
                       Index count, Map map) {
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * 4;
  if (i >= count) return;
  Vector<From, 4> in = {};
  for (int j = 0; j < 4 && i + j < count; j += N) {
    const auto piece = load<N>(from + from_at(i + j));
    for (int k = 0; k < N; ++k) in.v[j + k] = piece.v[k];
  }
  const Vector<To, 4> out = map(i, in);
  for (int j = 0; j < 4 && i + j < count; j += N) {
    Vector<To, N> piece;
    for (int k = 0; k < N; ++k) piece.v[k] = out.v[j + k];
    store(to + to_at(i + j), piece);
  }
}

// `run`: numbers that follow one another on both sides, from each of its multiples on.
template <class From, class To, class FromAt, class ToAt, class Map>
void map_by_four(const char* what, const From* from, FromAt from_at, To* to, ToAt to_at, Index count,
                 Index run, Map map, cudaStream_t stream) {
  if (count == 0) return;
  const auto in_pieces = [&](auto width) {
    constexpr int N = decltype(width)::value;
    launch(what, map_by_four_kernel<N, From, To, FromAt, ToAt, Map>, dim3(blocks_of(count, 4 * 256)),
           dim3(256), 0, stream, from, from_at, to, to_at, count, map);
  };
  const auto possible = [&](auto width) {
    constexpr int N = decltype(width)::value;
    return run % N == 0 && reinterpret_cast<std::uintptr_t>(from) % alignof(Vector<From, N>) == 0 &&
           reinterpret_cast<std::uintptr_t>(to) % alignof(Vector<To, N>) == 0;
  };
  constexpr std::integral_constant<int, 4> four;
  constexpr std::integral_constant<int, 2> two;
  if (possible(four)) return in_pieces(four);
  if (possible(two)) return in_pieces(two);
  in_pieces(std::integral_constant<int, 1>());
}

template <class T, class Map>
void dequantize(const char* what, const Byte* pixels, T* x, Index count, ops::PixelOrder order, Index c,
                Map map, cudaStream_t stream) {
  if (order.squeezed()) {
    map_by_four(what, pixels, InPlace(), x, Ordered{order, c}, count, 2 * c, map, stream);
  } else {
    map_by_four(what, pixels, InPlace(), x, InPlace(), count, count, map, stream);
  }
}

}  // namespace

template <class T>
void launch_dequantize(const Byte* pixels, int n_bits, const Random* random, T* x, Index count,
                       ops::PixelOrder order, Index c, cudaStream_t stream) {
  dequantize("dequantize", pixels, x, count, order, c, Dequantize<T>{n_bits, random}, stream);
}

template <class T>
void launch_dequantize_by_image(const Byte* pixels, int n_bits, const Random* random, Index images, T* x,
                                Index count, ops::PixelOrder order, Index c, cudaStream_t stream) {
  if (count == 0) return;
  const DequantizeByImage<T> map{n_bits, random, count, Divisor(count / images)};
  dequantize("dequantize_by_image", pixels, x, count, order, c, map, stream);
}

template <class T>
void launch_centre_of_bins(const Byte* pixels, int n_bits, T* x, Index count, cudaStream_t stream) {
  map_by_four("centre_of_bins", pixels, InPlace(), x, InPlace(), count, count, CentreOfBins<T>{n_bits},
              stream);
}

template <class T>
void launch_quantize(const T* x, int n_bits, Byte* pixels, Index count, ops::PixelOrder order, Index c,
                     cudaStream_t stream) {
  const Quantize<T> map{n_bits};
  if (order.squeezed()) {
    map_by_four("quantize", x, Ordered{order, c}, pixels, InPlace(), count, 2 * c, map, stream);
  } else {
    map_by_four("quantize", x, InPlace(), pixels, InPlace(), count, count, map, stream);
  }
}

#define GLOW_INSTANTIATE(T)                                                                           \
  template void launch_dequantize(const Byte*, int, const Random*, T*, Index, ops::PixelOrder, Index, \
                                  cudaStream_t);                                                      \
  template void launch_dequantize_by_image(const Byte*, int, const Random*, Index, T*, Index,         \
                                           ops::PixelOrder, Index, cudaStream_t);                     \
  template void launch_centre_of_bins(const Byte*, int, T*, Index, cudaStream_t);                     \
  template void launch_quantize(const T*, int, Byte*, Index, ops::PixelOrder, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
