// Adam and its kin on one flat buffer, with g the gradient as it is cut: m = b1 m + (1 - b1) g, v = b2 v + (1
// - b2) g^2, x -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps), for AdamW from x (1 - lr decay) where
// decay acts, and for Adamax with v = max(b2 v, |g|), x -= lr (m / (1 - b1^t)) / (v + eps); the running
// average, average += share (x - average); all in place. And the Euclidean norm of a buffer (=), summed in
// double in a fixed order. Sources: see ops/adam_rule.hpp and ops/cpu/adam.hpp.
#include <cmath>

#include <glow/ops/kernels/adam.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// The step's numbers in T; Variant is known to the compiler, so that each has no more work than it needs.
template <class T, AdamVariant Variant>
struct Step {
  T b1, b2, one_minus_b1, one_minus_b2, epsilon, rate, correct1, correct2, factor, largest, kept;

  __device__ Step(const AdamOptions& o, const AdamScale& s)
      : b1(static_cast<T>(o.beta1)),
        b2(static_cast<T>(o.beta2)),
        one_minus_b1(T(1) - b1),
        one_minus_b2(T(1) - b2),
        epsilon(static_cast<T>(o.epsilon)),
        rate(static_cast<T>(s.rate)),
        correct1(static_cast<T>(s.correct1)),
        correct2(static_cast<T>(s.correct2)),
        factor(static_cast<T>(s.gradient)),
        largest(static_cast<T>(s.largest)),
        kept(static_cast<T>(1 - s.rate * o.weight_decay)) {}

  __device__ void operator()(T& x, T gradient, T& m, T& v, Index i, const ops::Decayed& decayed) const {
    const T g = std::fmax(std::fmin(gradient * factor, largest), -largest);
    m = b1 * m + one_minus_b1 * g;
    if constexpr (Variant == AdamVariant::adamax) {
      v = std::fmax(b2 * v, std::fabs(g));
      x -= rate * (m * correct1) / (v + epsilon);
    } else {
      if constexpr (Variant == AdamVariant::adamw) {
        if (decayed(i)) x *= kept;
      }
      v = b2 * v + one_minus_b2 * g * g;
      x -= rate * (m * correct1) / (std::sqrt(v * correct2) + epsilon);
    }
  }
};

// One thread a vector; the elements that make no whole vector are the last thread's.
template <class T, int N, AdamVariant Variant>
__global__ void __launch_bounds__(256)
    adam_step_kernel(T* __restrict__ x, const T* __restrict__ gradient, T* __restrict__ m, T* __restrict__ v,
                     const AdamScale* __restrict__ scale, AdamOptions options, ops::Decayed decayed,
                     Index count) {
  const AdamScale s = *scale;
  if (!s.taken) return;
  const Step<T, Variant> step(options, s);
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i + N <= count) {
    const Vector<T, N> g = load<N>(gradient + i);
    Vector<T, N> vx = load<N>(x + i), vm = load<N>(m + i), vv = load<N>(v + i);
    for (int j = 0; j < N; ++j) step(vx.v[j], g.v[j], vm.v[j], vv.v[j], i + j, decayed);
    store(x + i, vx);
    store(m + i, vm);
    store(v + i, vv);
  } else {
    for (Index j = i; j < count; ++j) step(x[j], gradient[j], m[j], v[j], j, decayed);
  }
}

// One thread a vector; the elements that make no whole vector are the last thread's.
template <class T, int N>
__global__ void __launch_bounds__(256) average_step_kernel(T* __restrict__ average, const T* __restrict__ x,
                                                           const AdamScale* __restrict__ scale, Index count) {
  const AdamScale s = *scale;
  if (!s.taken) return;
  const T share = static_cast<T>(s.average);
  const Index i = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i + N <= count) {
    const Vector<T, N> vx = load<N>(x + i);
    Vector<T, N> va = load<N>(average + i);
    for (int j = 0; j < N; ++j) va.v[j] += share * (vx.v[j] - va.v[j]);
    store(average + i, va);
  } else {
    for (Index j = i; j < count; ++j) average[j] += share * (x[j] - average[j]);
  }
}

// Sums of squares of `chunk` elements, a multiple of N.
template <class T, int N>
__global__ void __launch_bounds__(256)
    squares_kernel(const T* __restrict__ x, Index count, Index chunk, double* __restrict__ part) {
  const Index begin = blockIdx.x * chunk, end = begin + chunk < count ? begin + chunk : count;
  double sum = 0;
  Index i = begin + Index{threadIdx.x} * N;
  for (; i + N <= end; i += 256 * N) {
    const Vector<T, N> v = load<N>(x + i);
    for (int j = 0; j < N; ++j) sum += static_cast<double>(v.v[j]) * static_cast<double>(v.v[j]);
  }
  for (; i < end; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  sum = block_sum<256>(sum);
  if (threadIdx.x == 0) part[blockIdx.x] = sum;
}

__global__ void __launch_bounds__(256)
    norm_kernel(const double* __restrict__ part, unsigned parts, double* __restrict__ result) {
  double sum = 0;
  for (unsigned i = threadIdx.x; i < parts; i += 256) sum += part[i];
  sum = block_sum<256>(sum);
  if (threadIdx.x == 0) result[0] = std::sqrt(sum);
}

}  // namespace

template <class T>
void launch_adam_step(T* x, const T* gradient, T* m, T* v, const AdamScale* scale, const AdamOptions& options,
                      const ops::Decayed& decayed, Index count, cudaStream_t stream) {
  if (count == 0) return;
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        const auto run = [&]<AdamVariant variant>() {
          launch("adam_step", adam_step_kernel<T, N, variant>, dim3(blocks_of(count, 256 * N)), dim3(256), 0,
                 stream, x, gradient, m, v, scale, options, decayed, count);
        };
        switch (options.variant) {
          case AdamVariant::adam:
            return run.template operator()<AdamVariant::adam>();
          case AdamVariant::adamw:
            return run.template operator()<AdamVariant::adamw>();
          case AdamVariant::adamax:
            return run.template operator()<AdamVariant::adamax>();
        }
      },
      0, x, gradient, m, v);
}

template <class T>
void launch_average_step(T* average, const T* x, const AdamScale* scale, Index count, cudaStream_t stream) {
  if (count == 0) return;
  with_width<T>(
      [&](auto width) {
        constexpr int N = decltype(width)::value;
        launch("average_step", average_step_kernel<T, N>, dim3(blocks_of(count, 256 * N)), dim3(256), 0,
               stream, average, x, scale, count);
      },
      0, average, x);
}

template <class T>
void launch_norm(const T* x, Index count, double* part, double* result, cudaStream_t stream) {
  constexpr Index unit = 1024;  // elements
  const Index units = (count + unit - 1) / unit;
  const Index chunk = (units + most_parts - 1) / most_parts * unit;
  const unsigned parts = count == 0 ? 0 : blocks_of(count, chunk);
  with_width<T>(
      [&](auto width) {
        if (parts == 0) return;
        launch("norm", squares_kernel<T, decltype(width)::value>, dim3(parts), dim3(256), 0, stream, x, count,
               chunk, part);
      },
      0, x);
  launch("norm", norm_kernel, dim3(1), dim3(256), 0, stream, part, parts, result);
}

#define GLOW_INSTANTIATE(T)                                                                  \
  template void launch_adam_step(T*, const T*, T*, T*, const AdamScale*, const AdamOptions&, \
                                 const ops::Decayed&, Index, cudaStream_t);                  \
  template void launch_average_step(T*, const T*, const AdamScale*, Index, cudaStream_t);    \
  template void launch_norm(const T*, Index, double*, double*, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
