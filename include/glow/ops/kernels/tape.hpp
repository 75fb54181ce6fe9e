// Launchers of kernels/tape_*.cu: what the tape computes. T is float or double; all pointers are to memory of
// the GPU. F is a function of ad/functions.hpp, or of ad/line_functions.hpp for lines, R one of
// ad/rearrangements.hpp.
#pragma once

#include <cuda_runtime_api.h>

#include <glow/ops/kernels/parts.hpp>
#include <glow/ops/lines.hpp>
#include <glow/ops/spread.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// x [size] -> y [size]: y = f(x)
template <class F, class T>
void launch_tape_map(F f, const T* x, T* y, Index size, cudaStream_t stream);

/// dx [size] += dy f'(x), where y = f(x)
template <class F, class T>
void launch_tape_map_pull(F f, const T* x, const T* y, const T* dy, T* dx, Index size, cudaStream_t stream);

/// y [size] = f(a, b), a and b spread over y
template <class F, class T>
void launch_tape_map2(F f, Spread<const T> a, Spread<const T> b, T* y, Index size, cudaStream_t stream);

/// d += dy df(a, b), all spread over dy [size]; df is a partial derivative of F. Where d is smaller than dy,
/// sums go through `part` [most_parts, d.period].
template <class F, class T>
void launch_tape_map2_pull(F df, Spread<const T> a, Spread<const T> b, const T* dy, Index size, Spread<T> d,
                           T* part, cudaStream_t stream);

/// y [size] = x[r.source(i)], or 0 where that is negative
template <class R, class T>
void launch_tape_rearrange(R r, const T* x, T* y, Index size, cudaStream_t stream);

/// dx[r.source(i)] += dy[i], dy [size]
template <class R, class T>
void launch_tape_rearrange_pull(R r, const T* dy, T* dx, Index size, cudaStream_t stream);

/// x [runs, run] -> y [runs]: y += sum over a run; part [most_parts_of(runs)]
template <class T>
void launch_tape_sum_runs(const T* x, T* y, Index runs, Index run, T* part, cudaStream_t stream);

/// dx [runs, run] += dy [runs]
template <class T>
void launch_tape_sum_runs_pull(const T* dy, T* dx, Index runs, Index run, cudaStream_t stream);

/// y [outer, f.results(extent), inner] = f of each line of x [outer, extent, inner]
template <class F, class T>
void launch_tape_lines(F f, Lines lines, const T* x, T* y, cudaStream_t stream);

/// dx += what dy is pulled back to by f for each line, where y = f(x)
template <class F, class T>
void launch_tape_lines_pull(F f, Lines lines, const T* x, const T* y, const T* dy, T* dx,
                            cudaStream_t stream);

}  // namespace glow::kernels
