// Functions of lines along an axis on the tape: y = f(x) (=), and dx += what dy is pulled back to (+=). A
// thread takes a line, so that neighbouring threads read neighbouring lines, or a warp does where a line's
// elements lie side by side; each sums in a fixed order.
#include <glow/ad/line_functions.hpp>
#include <glow/ops/kernels/tape.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// A warp that goes through a line together.
struct Warp {
  static constexpr int threads = 32;

  template <class F>
  __device__ void each(Index n, F fn) const {
    for (Index j = threadIdx.x % 32; j < n; j += 32) fn(j);
  }
  template <class T, class Term>
  __device__ T sum(Index n, Term term) const {
    T total = 0;
    each(n, [&](Index j) { total += term(j); });
    return warp_sum(total);
  }
  template <class T, class Term>
  __device__ T largest(Index n, Term term) const {
    T most = term(0);
    each(n, [&](Index j) { most = term(j) > most ? term(j) : most; });
    for (int distance = 16; distance > 0; distance /= 2) {
      const T other = __shfl_xor_sync(0xFFFFFFFFu, most, distance);
      most = other > most ? other : most;
    }
    return most;
  }
};

template <class Team, class F, class T>
__global__ void __launch_bounds__(256, 4)  // 64 registers: exp and division in double need more than 32
    tape_lines_kernel(F f, Lines lines, Lines results, const T* __restrict__ x, T* __restrict__ y) {
  const Index i = (Index{blockIdx.x} * 256 + threadIdx.x) / Team::threads;
  if (i < lines.count()) f(Team(), lines.extent, lines.line(x, i), results.line(y, i));
}

template <class Team, class F, class T>
__global__ void __launch_bounds__(256, 4)
    tape_lines_pull_kernel(F f, Lines lines, Lines results, const T* __restrict__ x, const T* __restrict__ y,
                           const T* __restrict__ dy, T* __restrict__ dx) {
  const Index i = (Index{blockIdx.x} * 256 + threadIdx.x) / Team::threads;
  if (i >= lines.count()) return;
  f.pull(Team(), lines.extent, lines.line(x, i), results.line(y, i), results.line(dy, i), lines.line(dx, i));
}

// Calls fn(the team that takes a line).
template <class F, class Fn>
void with_team(const Lines& lines, Fn fn) {
  if constexpr (!F::in_order) {
    if (lines.inner == 1 && lines.extent >= Warp::threads) return fn(Warp());
  }
  fn(OneThread());
}

}  // namespace

template <class F, class T>
void launch_tape_lines(F f, Lines lines, const T* x, T* y, cudaStream_t stream) {
  const Lines results{lines.outer, f.results(lines.extent), lines.inner};
  if (results.size() == 0) return;
  with_team<F>(lines, [&](auto team) {
    using Team = decltype(team);
    launch("tape_lines", tape_lines_kernel<Team, F, T>, dim3(blocks_of(lines.count() * Team::threads, 256)),
           dim3(256), 0, stream, f, lines, results, x, y);
  });
}

template <class F, class T>
void launch_tape_lines_pull(F f, Lines lines, const T* x, const T* y, const T* dy, T* dx,
                            cudaStream_t stream) {
  const Lines results{lines.outer, f.results(lines.extent), lines.inner};
  if (results.size() == 0 || lines.size() == 0) return;
  with_team<F>(lines, [&](auto team) {
    using Team = decltype(team);
    launch("tape_lines_pull", tape_lines_pull_kernel<Team, F, T>,
           dim3(blocks_of(lines.count() * Team::threads, 256)), dim3(256), 0, stream, f, lines, results, x, y,
           dy, dx);
  });
}

#define GLOW_INSTANTIATE_FOR(F, T)                                                                    \
  template void launch_tape_lines(line_functions::F<T>, Lines, const T*, T*, cudaStream_t);           \
  template void launch_tape_lines_pull(line_functions::F<T>, Lines, const T*, const T*, const T*, T*, \
                                       cudaStream_t);
#define GLOW_INSTANTIATE(F)      \
  GLOW_INSTANTIATE_FOR(F, float) \
  GLOW_INSTANTIATE_FOR(F, double)

GLOW_INSTANTIATE(Sum)
GLOW_INSTANTIATE(Softmax)
GLOW_INSTANTIATE(Normalize)
GLOW_INSTANTIATE(CumulativeSum)
GLOW_INSTANTIATE(Gather)

#undef GLOW_INSTANTIATE
#undef GLOW_INSTANTIATE_FOR

}  // namespace glow::kernels
