// Walks over matrices [samples * rows, columns], the pixels of a batch, in which every thread keeps to its
// columns: what belongs to a column waits in registers, addresses grow by a constant, neighbouring threads
// read neighbouring memory. Sums over rows go through parts, one a block, in a fixed order.
#pragma once

#include <glow/ops/kernels/parts.hpp>

#include "blocks.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// Threads of a block that walks.
inline constexpr int walkers = 256;

/// How a grid covers the matrices: a block takes `chunk_rows` rows of one sample, `step` rows at a time, and
/// all columns, or `walkers` vectors of them if a row has more.
struct ColumnWalk {
  Index samples = 0;
  Index rows = 0;  // of a sample
  Index columns = 0;
  unsigned units = 0;    // vectors in a row
  unsigned windows = 0;  // blocks side by side
  unsigned step = 0;
  Index chunk_rows = 0;
  unsigned chunks = 0;  // of a sample

  ColumnWalk(Index n, Index m, Index c, int width) : samples(n), rows(m), columns(c) {
    if (n == 0 || m == 0 || c == 0) return;
    units = static_cast<unsigned>(c / width);
    windows = blocks_of(units, walkers);
    step = windows > 1 ? 1 : walkers / units;
    const Index steps = (m + step - 1) / step, most = n < most_parts ? most_parts / n : 1;
    const Index each = (steps + most - 1) / most;
    chunk_rows = (each > 2 ? each : 2) * step;
    chunks = blocks_of(m, chunk_rows);
  }

  unsigned blocks() const { return static_cast<unsigned>(samples) * chunks * windows; }
  /// Parts of a sum over the rows of all samples.
  Index parts() const { return samples * chunks; }
};

/// What the calling thread walks over: `columns` column ... column + N - 1 of rows first, first + step, ...
/// below last, counted through the batch. Threads that are left over have no rows.
template <int N>
struct ColumnThread {
  Index column, first, last, step, sample, part;

  __device__ explicit ColumnThread(const ColumnWalk& w) {
    const unsigned window = blockIdx.x % w.windows, block = blockIdx.x / w.windows;
    const unsigned unit = w.windows > 1 ? window * walkers + threadIdx.x : threadIdx.x % w.units;
    const unsigned row = w.windows > 1 ? 0 : threadIdx.x / w.units;
    const Index chunk = block % w.chunks;
    part = block;
    sample = block / w.chunks;
    step = w.step;
    column = Index{unit} * N;
    const Index end = (chunk + 1) * w.chunk_rows;
    first = sample * w.rows + chunk * w.chunk_rows + row;
    last = row < w.step && unit < w.units ? sample * w.rows + (end < w.rows ? end : w.rows) : 0;
  }
};

/// Writes the block's sums over its rows: part [parts, K, columns] = ...; all threads of the block call it.
template <int K, int N, class T>
__device__ void write_part(const ColumnWalk& w, const ColumnThread<N>& t, const T (&sum)[K][N], T* part) {
  GLOW_SHARED(T, of_thread, [K][walkers * N]);
  for (int k = 0; k < K; ++k) {
    for (int j = 0; j < N; ++j) of_thread[k][threadIdx.x * N + j] = sum[k][j];
  }
  __syncthreads();
  const Index begin = Index{blockIdx.x % w.windows} * walkers * N;
  const unsigned left = static_cast<unsigned>(w.columns - begin);
  const unsigned width = left < walkers * N ? left : walkers * N;
  for (unsigned c = threadIdx.x; c < width; c += walkers) {
    for (int k = 0; k < K; ++k) {
      T total = 0;
      for (unsigned row = 0; row < w.step; ++row) total += of_thread[k][row * width + c];
      part[(t.part * K + k) * w.columns + begin + c] = total;
    }
  }
}

/// Calls finish(column, sums of K) with the parts [parts, K, columns] added up, one thread a column.
template <int K, class T, class Finish>
__global__ void __launch_bounds__(512)
    sum_parts_kernel(const T* __restrict__ part, Index parts, Index columns, Finish finish) {
  constexpr int slices = 16;
  GLOW_SHARED(T, of_slice, [K][slices][32]);
  const unsigned lane = threadIdx.x % 32, slice = threadIdx.x / 32;
  const Index column = Index{blockIdx.x} * 32 + lane;
  for (int k = 0; k < K; ++k) {
    T sum = 0;
    for (Index p = slice; p < parts && column < columns; p += slices)
      sum += part[(p * K + k) * columns + column];
    of_slice[k][slice][lane] = sum;
  }
  __syncthreads();
  if (slice != 0 || column >= columns) return;
  T total[K] = {};
  for (int k = 0; k < K; ++k) {
    for (int s = 0; s < slices; ++s) total[k] += of_slice[k][s][lane];
  }
  finish(column, total);
}

/// The `finish` that adds: sum[column] += the one sum of a column.
template <class T>
struct AddTo {
  T* sum;
  __device__ void operator()(Index column, const T (&total)[1]) const { sum[column] += total[0]; }
};

template <int K, class T, class Finish>
void launch_sum_parts(const char* what, const T* part, Index parts, Index columns, Finish finish,
                      cudaStream_t stream) {
  launch(what, sum_parts_kernel<K, T, Finish>, dim3(blocks_of(columns, 32)), dim3(512), 0, stream, part,
         parts, columns, finish);
}

}  // namespace glow::kernels
