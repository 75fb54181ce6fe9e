// Random numbers, x[i] ~ U(0, 1) or N(0, 1) scale, from word i of a Philox sequence: the words of the host.
// Outputs are written (=). Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy
// as 1, 2, 3, SC 2011; the equations are those of core/philox.hpp.
#include <glow/kernels/random.hpp>

#include "blocks.cuh"

namespace glow::kernels {
namespace {

template <class T>
struct Uniform {
  __device__ Vector<T, 4> operator()(const std::array<std::uint32_t, 4>& words) const {
    return {{uniform<T>(words[0]), uniform<T>(words[1]), uniform<T>(words[2]), uniform<T>(words[3])}};
  }
};

template <class T>
struct Normal {
  T scale;
  __device__ Vector<T, 4> operator()(const std::array<std::uint32_t, 4>& words) const {
    const auto normal = box_muller(words);
    Vector<T, 4> x;
    for (int j = 0; j < 4; ++j) x.v[j] = static_cast<T>(normal[static_cast<std::size_t>(j)]) * scale;
    return x;
  }
};

// One thread the four draws of four words.
template <class T, int N, class Draw>
__global__ void __launch_bounds__(256) fill_random_kernel(T* x, Index count, Random random, Draw draw) {
  const Index block = Index{blockIdx.x} * blockDim.x + threadIdx.x, i = block * 4;
  if (i >= count) return;
  const Vector<T, 4> drawn = draw(random.words(static_cast<std::uint64_t>(block)));
  for (int j = 0; j < 4; j += N) {
    Vector<T, N> piece;
    for (int k = 0; k < N; ++k) piece.v[k] = drawn.v[j + k];
    if (i + j + N <= count) {
      store(x + i + j, piece);
    } else {
      for (int k = 0; k < N && i + j + k < count; ++k) x[i + j + k] = piece.v[k];
    }
  }
}

template <class T, class Draw>
void fill_random(const char* what, T* x, Index count, Random random, Draw draw, cudaStream_t stream) {
  if (count == 0) return;
  with_width<T>(
      [&](auto width) {
        launch(what, fill_random_kernel<T, decltype(width)::value, Draw>, dim3(blocks_of(count, 4 * 256)),
               dim3(256), 0, stream, x, count, random, draw);
      },
      0, x);
}

}  // namespace

template <class T>
void launch_fill_uniform(T* x, Index count, Random random, cudaStream_t stream) {
  fill_random("fill_uniform", x, count, random, Uniform<T>{}, stream);
}

template <class T>
void launch_fill_normal(T* x, Index count, Random random, T scale, cudaStream_t stream) {
  fill_random("fill_normal", x, count, random, Normal<T>{scale}, stream);
}

template void launch_fill_uniform(float*, Index, Random, cudaStream_t);
template void launch_fill_uniform(double*, Index, Random, cudaStream_t);
template void launch_fill_normal(float*, Index, Random, float, cudaStream_t);
template void launch_fill_normal(double*, Index, Random, double, cudaStream_t);

}  // namespace glow::kernels
