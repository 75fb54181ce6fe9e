// Diagonal Gaussian with a prior [mu | log sigma] on channels, log N(z) = sum of -log sigma - log(2 pi) / 2 -
// e^2 / 2 with e = (z - mu) / sigma; z [n, pixels, c], prior [n, pixels, 2c], or null for N(0, I). The
// log-density and dz are added to (+=), d_prior and samples are written (=).
#include <cmath>

#include <glow/ops/kernels/gaussian.hpp>
#include <glow/ops/kernels/logdet.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// mu and log sigma of N neighbouring channels.
template <class T, int N>
struct Prior {
  Vector<T, N> mu = {}, log_sigma = {};

  template <bool given>
  __device__ static Prior read(const T* prior, const ColumnWalk& walk, Index row, Index column) {
    Prior p;
    if constexpr (given) {
      const T* at = prior + row * 2 * walk.columns + column;
      p.mu = load<N>(at);
      p.log_sigma = load<N>(at + walk.columns);
    }
    return p;
  }
};

// Three blocks a multiprocessor will do: left to itself ptxas aims for more, and spills.
template <class T, int N, bool given>
__global__ void __launch_bounds__(walkers, 3)
    gaussian_log_density_kernel(ColumnWalk walk, const T* __restrict__ z, const T* __restrict__ prior,
                                T* __restrict__ part) {
  const T half_log_2pi = static_cast<T>(0.91893853320467274);
  const ColumnThread<N> t(walk);
  T sum = 0;
  for (Index row = t.first; row < t.last; row += t.step) {
    const Vector<T, N> v = load<N>(z + row * walk.columns + t.column);
    const auto p = Prior<T, N>::template read<given>(prior, walk, row, t.column);
    for (int j = 0; j < N; ++j) {
      const T e = (v.v[j] - p.mu.v[j]) * std::exp(-p.log_sigma.v[j]);
      sum += -p.log_sigma.v[j] - half_log_2pi - e * e / 2;
    }
  }
  sum = block_sum<walkers>(sum);
  if (threadIdx.x == 0) part[blockIdx.x] = sum;
}

template <class T, int N, bool given>
__global__ void __launch_bounds__(walkers, 3)
    gaussian_backward_kernel(ColumnWalk walk, const T* __restrict__ z, const T* __restrict__ prior,
                             const T* __restrict__ dlogp, T* __restrict__ dz, T* __restrict__ d_prior) {
  const ColumnThread<N> t(walk);
  const T d = dlogp[t.sample];
  for (Index row = t.first; row < t.last; row += t.step) {
    const Index at = row * walk.columns + t.column;
    const Vector<T, N> v = load<N>(z + at);
    const auto p = Prior<T, N>::template read<given>(prior, walk, row, t.column);
    Vector<T, N> dv = load<N>(dz + at), d_mu, d_log_sigma;
    for (int j = 0; j < N; ++j) {
      const T inverse = std::exp(-p.log_sigma.v[j]);
      const T e = (v.v[j] - p.mu.v[j]) * inverse;
      d_mu.v[j] = d * e * inverse;
      d_log_sigma.v[j] = d * (e * e - 1);
      dv.v[j] -= d_mu.v[j];
    }
    store(dz + at, dv);
    if constexpr (given) {
      T* const to = d_prior + row * 2 * walk.columns + t.column;
      store(to, d_mu);
      store(to + walk.columns, d_log_sigma);
    }
  }
}

template <class T, int N, bool given>
__global__ void __launch_bounds__(walkers, 3)
    gaussian_sample_kernel(ColumnWalk walk, const T* __restrict__ prior, T temperature, T* __restrict__ z,
                           Index stride) {
  const ColumnThread<N> t(walk);
  for (Index row = t.first; row < t.last; row += t.step) {
    T* const at = z + row * stride + t.column;
    Vector<T, N> v = load<N>(at);
    const auto p = Prior<T, N>::template read<given>(prior, walk, row, t.column);
    for (int j = 0; j < N; ++j) v.v[j] = p.mu.v[j] + std::exp(p.log_sigma.v[j]) * temperature * v.v[j];
    store(at, v);
  }
}

// Calls fn(walk, width, given) with both as integral constants; rows lie `stride` elements apart, or c.
template <class T, class F, class... P>
void with_walk(Index n, Index pixels, Index c, Index stride, const T* prior, F fn, const P*... pointers) {
  with_width<T>(
      [&](auto width) {
        const ColumnWalk walk(n, pixels, c, width);
        if (walk.blocks() == 0) return;
        if (prior != nullptr) {
          fn(walk, width, std::true_type{});
        } else {
          fn(walk, width, std::false_type{});
        }
      },
      c | stride, prior, pointers...);
}

}  // namespace

template <class T>
void launch_gaussian_log_density(const T* z, const T* prior, T* part, T* logp, Index n, Index pixels, Index c,
                                 cudaStream_t stream) {
  with_walk(
      n, pixels, c, c, prior,
      [&](const ColumnWalk& walk, auto width, auto given) {
        launch("gaussian_log_density",
               gaussian_log_density_kernel<T, decltype(width)::value, decltype(given)::value>,
               dim3(walk.blocks()), dim3(walkers), 0, stream, walk, z, prior, part);
        launch_add_parts(part, Index{walk.chunks} * walk.windows, T(1), logp, n, stream);
      },
      z);
}

template <class T>
void launch_gaussian_backward(const T* z, const T* prior, const T* dlogp, T* dz, T* d_prior, Index n,
                              Index pixels, Index c, cudaStream_t stream) {
  with_walk(
      n, pixels, c, c, prior,
      [&](const ColumnWalk& walk, auto width, auto given) {
        launch("gaussian_backward",
               gaussian_backward_kernel<T, decltype(width)::value, decltype(given)::value>,
               dim3(walk.blocks()), dim3(walkers), 0, stream, walk, z, prior, dlogp, dz, d_prior);
      },
      z, dz, d_prior);
}

template <class T>
void launch_gaussian_sample(const T* prior, T temperature, T* z, Index n, Index pixels, Index c, Index stride,
                            cudaStream_t stream) {
  with_walk(
      n, pixels, c, stride, prior,
      [&](const ColumnWalk& walk, auto width, auto given) {
        launch("gaussian_sample", gaussian_sample_kernel<T, decltype(width)::value, decltype(given)::value>,
               dim3(walk.blocks()), dim3(walkers), 0, stream, walk, prior, temperature, z, stride);
      },
      z);
}

#define GLOW_INSTANTIATE(T)                                                                                 \
  template void launch_gaussian_log_density(const T*, const T*, T*, T*, Index, Index, Index, cudaStream_t); \
  template void launch_gaussian_backward(const T*, const T*, const T*, T*, T*, Index, Index, Index,         \
                                         cudaStream_t);                                                     \
  template void launch_gaussian_sample(const T*, T, T*, Index, Index, Index, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
