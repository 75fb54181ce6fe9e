// Between 8-bit numbers u and the model's x, element by element: x = bin(u) / bins - 1/2 + noise, noise ~
// U(0, 1 / bins) or one half of that, and back. Outputs are written (=). Source: L. Theis, A. van den Oord,
// M. Bethge, A Note on the Evaluation of Generative Models, ICLR 2016; the equations are those of
// ops/dequantized.hpp.
#include <glow/kernels/quantize.hpp>
#include <glow/ops/dequantized.hpp>

#include "blocks.cuh"

namespace glow::kernels {
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

// One thread four elements; `whole` says that both sides may be accessed as vectors of four.
template <class From, class To, class Map>
__global__ void __launch_bounds__(256)
    map_by_four_kernel(const From* __restrict__ from, To* __restrict__ to, Index count, bool whole, Map map) {
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * 4;
  if (i >= count) return;
  if (whole && i + 4 <= count) {
    store(to + i, map(i, load<4>(from + i)));
    return;
  }
  Vector<From, 4> in = {};
  for (int j = 0; j < 4 && i + j < count; ++j) in.v[j] = from[i + j];
  const Vector<To, 4> out = map(i, in);
  for (int j = 0; j < 4 && i + j < count; ++j) to[i + j] = out.v[j];
}

template <class From, class To, class Map>
void map_by_four(const char* what, const From* from, To* to, Index count, Map map, cudaStream_t stream) {
  if (count == 0) return;
  const bool whole = reinterpret_cast<std::uintptr_t>(from) % alignof(Vector<From, 4>) == 0 &&
                     reinterpret_cast<std::uintptr_t>(to) % alignof(Vector<To, 4>) == 0;
  launch(what, map_by_four_kernel<From, To, Map>, dim3(blocks_of(count, 4 * 256)), dim3(256), 0, stream, from,
         to, count, whole, map);
}

}  // namespace

template <class T>
void launch_dequantize(const Byte* pixels, int n_bits, const Random* random, T* x, Index count,
                       cudaStream_t stream) {
  map_by_four("dequantize", pixels, x, count, Dequantize<T>{n_bits, random}, stream);
}

template <class T>
void launch_centre_of_bins(const Byte* pixels, int n_bits, T* x, Index count, cudaStream_t stream) {
  map_by_four("centre_of_bins", pixels, x, count, CentreOfBins<T>{n_bits}, stream);
}

template <class T>
void launch_quantize(const T* x, int n_bits, Byte* pixels, Index count, cudaStream_t stream) {
  map_by_four("quantize", x, pixels, count, Quantize<T>{n_bits}, stream);
}

#define GLOW_INSTANTIATE(T)                                                                  \
  template void launch_dequantize(const Byte*, int, const Random*, T*, Index, cudaStream_t); \
  template void launch_centre_of_bins(const Byte*, int, T*, Index, cudaStream_t);            \
  template void launch_quantize(const T*, int, Byte*, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)

}  // namespace glow::kernels
