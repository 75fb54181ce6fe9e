// Random numbers, x[i] ~ U(0, 1) or N(0, 1) scale, from word i of a Philox sequence: the words of the host.
// Outputs are written (=). Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy
// as 1, 2, 3, SC 2011; the equations are those of core/philox.hpp.
#include <glow/core/divisor.hpp>
#include <glow/ops/kernels/random.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
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

// Four words, and the numbers first ... end - 1 of x, at most four, that are drawn from them.
struct Four {
  std::array<std::uint32_t, 4> words;
  Index first, end;
};

// All numbers from one sequence.
struct OneSequence {
  Random random;
  Index count;

  Index blocks() const { return (count + 3) / 4; }
  Index run() const { return 0; }
  __device__ Four operator()(Index block) const {
    return {random.words(static_cast<std::uint64_t>(block)), block * 4, count};
  }
};

// Images of `size` numbers, each from a sequence of its own.
struct SequencePerImage {
  Random random;
  Index first, images, size;
  Divisor of_image{(size + 3) / 4};

  Index blocks() const { return images * ((size + 3) / 4); }
  Index run() const { return size; }
  __device__ Four operator()(Index block) const {
    const Index n = of_image.quotient(block), at = of_image.remainder(block);
    const Random own = random.fork(static_cast<std::uint64_t>(first + n));
    return {own.words(static_cast<std::uint64_t>(at)), n * size + at * 4, (n + 1) * size};
  }
};

// One thread the four draws of four words.
template <class T, int N, class Sequence, class Draw>
__global__ void __launch_bounds__(256) fill_random_kernel(T* x, Index blocks, Sequence sequence, Draw draw) {
  const Index block = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (block >= blocks) return;
  const Four four = sequence(block);
  const Vector<T, 4> drawn = draw(four.words);
  for (int j = 0; j < 4; j += N) {
    Vector<T, N> piece;
    for (int k = 0; k < N; ++k) piece.v[k] = drawn.v[j + k];
    if (four.first + j + N <= four.end) {
      store(x + four.first + j, piece);
    } else {
      for (int k = 0; k < N && four.first + j + k < four.end; ++k) x[four.first + j + k] = piece.v[k];
    }
  }
}

template <class T, class Sequence, class Draw>
void fill_random(const char* what, T* x, Sequence sequence, Draw draw, cudaStream_t stream) {
  const Index blocks = sequence.blocks();
  if (blocks == 0) return;
  with_width<T>(
      [&](auto width) {
        launch(what, fill_random_kernel<T, decltype(width)::value, Sequence, Draw>,
               dim3(blocks_of(blocks, 256)), dim3(256), 0, stream, x, blocks, sequence, draw);
      },
      sequence.run(), x);
}

}  // namespace

template <class T>
void launch_fill_uniform(T* x, Index count, Random random, cudaStream_t stream) {
  fill_random("fill_uniform", x, OneSequence{random, count}, Uniform<T>{}, stream);
}

template <class T>
void launch_fill_normal(T* x, Index count, Random random, T scale, cudaStream_t stream) {
  fill_random("fill_normal", x, OneSequence{random, count}, Normal<T>{scale}, stream);
}

template <class T>
void launch_fill_normal_by_image(T* x, Index images, Index count, Random random, Index first,
                                 cudaStream_t stream) {
  if (count == 0) return;
  fill_random("fill_normal_by_image", x, SequencePerImage{random, first, images, count / images},
              Normal<T>{1}, stream);
}

template void launch_fill_uniform(float*, Index, Random, cudaStream_t);
template void launch_fill_uniform(double*, Index, Random, cudaStream_t);
template void launch_fill_normal(float*, Index, Random, float, cudaStream_t);
template void launch_fill_normal(double*, Index, Random, double, cudaStream_t);
template void launch_fill_normal_by_image(float*, Index, Index, Random, Index, cudaStream_t);
template void launch_fill_normal_by_image(double*, Index, Index, Random, Index, cudaStream_t);

}  // namespace glow::kernels
