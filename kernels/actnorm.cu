// ActNorm, y = (x + b) * exp(log_s), a channel at a time: x, y [rows, c], b, log_s [c]. Maps are written in
// place (=), d_bias and d_log_scale are added to (+=), the start is written (=). Source: D. Kingma, P.
// Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018, section 3.1.
#include <cmath>

#include <glow/ops/kernels/actnorm.hpp>

#include "columns.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// exp(sign * log_s) of N neighbouring channels.
template <int N, class T>
__device__ Vector<T, N> scale_of(const T* log_scale, T sign) {
  Vector<T, N> s = load<N>(log_scale);
  for (int j = 0; j < N; ++j) s.v[j] = std::exp(sign * s.v[j]);
  return s;
}

template <class T, int N, bool Forward>
__global__ void __launch_bounds__(walkers)
    actnorm_kernel(ColumnWalk walk, const T* __restrict__ bias, const T* __restrict__ log_scale,
                   T* __restrict__ x) {
  const ColumnThread<N> t(walk);
  if (t.first >= t.last) return;
  const Vector<T, N> b = load<N>(bias + t.column);
  const Vector<T, N> scale = scale_of<N>(log_scale + t.column, T(Forward ? 1 : -1));
  for (Index row = t.first; row < t.last; row += t.step) {
    T* const at = x + row * walk.columns + t.column;
    Vector<T, N> v = load<N>(at);
    for (int j = 0; j < N; ++j)
      v.v[j] = Forward ? (v.v[j] + b.v[j]) * scale.v[j] : v.v[j] * scale.v[j] - b.v[j];
    store(at, v);
  }
}

// Sums of dx and of dy y, which make d_bias and d_log_scale.
template <class T, int N>
__global__ void __launch_bounds__(walkers, 3)
    actnorm_backward_kernel(ColumnWalk walk, const T* __restrict__ bias, const T* __restrict__ log_scale,
                            T* __restrict__ y, T* __restrict__ dy, T* __restrict__ part) {
  const ColumnThread<N> t(walk);
  T sum[2][N] = {};
  if (t.first < t.last) {
    const Vector<T, N> b = load<N>(bias + t.column);
    const Vector<T, N> scale = scale_of<N>(log_scale + t.column, T(1));
    const Vector<T, N> inverse = scale_of<N>(log_scale + t.column, T(-1));
    for (Index row = t.first; row < t.last; row += t.step) {
      const Index at = row * walk.columns + t.column;
      Vector<T, N> v = load<N>(y + at), d = load<N>(dy + at);
      for (int j = 0; j < N; ++j) {
        sum[1][j] += d.v[j] * v.v[j];
        d.v[j] *= scale.v[j];
        sum[0][j] += d.v[j];
        v.v[j] = v.v[j] * inverse.v[j] - b.v[j];
      }
      store(y + at, v);
      store(dy + at, d);
    }
  }
  write_part(walk, t, sum, part);
}

template <class T>
struct AddGradients {
  T *d_bias, *d_log_scale;
  __device__ void operator()(Index column, const T (&total)[2]) const {
    d_bias[column] += total[0];
    d_log_scale[column] += total[1];
  }
};

// Sums of x for power 1, of (x - mean)^2 for power 2.
template <class T, int N, int power>
__global__ void __launch_bounds__(walkers)
    actnorm_moment_kernel(ColumnWalk walk, const T* __restrict__ mean, const T* __restrict__ x,
                          T* __restrict__ part) {
  const ColumnThread<N> t(walk);
  T sum[1][N] = {};
  if (t.first < t.last) {
    Vector<T, N> m = {};
    if constexpr (power == 2) m = load<N>(mean + t.column);
    for (Index row = t.first; row < t.last; row += t.step) {
      const Vector<T, N> v = load<N>(x + row * walk.columns + t.column);
      for (int j = 0; j < N; ++j) {
        const T d = v.v[j] - m.v[j];
        sum[0][j] += power == 2 ? d * d : d;
      }
    }
  }
  write_part(walk, t, sum, part);
}

template <class T>
struct SetMoment {
  T* moment;
  T divisor;
  __device__ void operator()(Index column, const T (&total)[1]) const { moment[column] = total[0] / divisor; }
};

template <bool Forward, class T>
void launch_map(const char* what, const T* bias, const T* log_scale, T* x, Index rows, Index c,
                cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, c, N);
        if (walk.blocks() == 0) return;
        launch(what, actnorm_kernel<T, N, Forward>, dim3(walk.blocks()), dim3(walkers), 0, stream, walk, bias,
               log_scale, x);
      },
      c, bias, log_scale, x);
}

}  // namespace

template <class T>
void launch_actnorm_forward(const T* bias, const T* log_scale, T* x, Index rows, Index c,
                            cudaStream_t stream) {
  launch_map<true>("actnorm_forward", bias, log_scale, x, rows, c, stream);
}

template <class T>
void launch_actnorm_inverse(const T* bias, const T* log_scale, T* y, Index rows, Index c,
                            cudaStream_t stream) {
  launch_map<false>("actnorm_inverse", bias, log_scale, y, rows, c, stream);
}

template <class T>
void launch_actnorm_backward(const T* bias, const T* log_scale, T* d_bias, T* d_log_scale, T* y, T* dy,
                             T* part, Index rows, Index c, cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, c, N);
        if (walk.blocks() == 0) return;
        launch("actnorm_backward", actnorm_backward_kernel<T, N>, dim3(walk.blocks()), dim3(walkers), 0,
               stream, walk, bias, log_scale, y, dy, part);
        launch_sum_parts<2>("actnorm_backward", part, walk.parts(), c, AddGradients<T>{d_bias, d_log_scale},
                            stream);
      },
      c, bias, log_scale, y, dy);
}

template <class T>
void launch_actnorm_moments(T* mean, T* squares, const T* x, T* part, Index rows, Index c,
                            cudaStream_t stream) {
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const ColumnWalk walk(1, rows, c, N);
        if (walk.blocks() == 0) return;
        launch("actnorm_moments", actnorm_moment_kernel<T, N, 1>, dim3(walk.blocks()), dim3(walkers), 0,
               stream, walk, mean, x, part);
        launch_sum_parts<1>("actnorm_moments", part, walk.parts(), c,
                            SetMoment<T>{mean, static_cast<T>(rows)}, stream);
        launch("actnorm_moments", actnorm_moment_kernel<T, N, 2>, dim3(walk.blocks()), dim3(walkers), 0,
               stream, walk, mean, x, part);
        launch_sum_parts<1>("actnorm_moments", part, walk.parts(), c, SetMoment<T>{squares, T(1)}, stream);
      },
      c, mean, x);
}

#define GLOW_INSTANTIATE(T)                                                                                  \
  template void launch_actnorm_forward(const T*, const T*, T*, Index, Index, cudaStream_t);                  \
  template void launch_actnorm_inverse(const T*, const T*, T*, Index, Index, cudaStream_t);                  \
  template void launch_actnorm_backward(const T*, const T*, T*, T*, T*, T*, T*, Index, Index, cudaStream_t); \
  template void launch_actnorm_moments(T*, T*, const T*, T*, Index, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
