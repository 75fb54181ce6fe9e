// The product of a tile of pixels with weights on tensor cores:
//
//   acc [64, P] = A [64, 16 steps] B [16 steps, P]        A, B bf16, acc float32;  P = 128, 256 or 512
//
// by a block of 8 warps. A warp takes all 64 rows and P / 8 columns, so that no weight is read twice by a
// block. A lies in shared memory, rows an odd number of 16 bytes apart, so that neither ldmatrix nor the
// stores of results meet in a bank. B is streamed from the second-level cache. Its panels are laid out in the
// order in which threads hold fragments: a step of 16 rows of a panel is P / 16 chunks of 16 columns; a chunk
// is 32 lanes times 16 bytes, what mma_m16n8k16_bf16 takes of two column tiles. So each thread copies just
// what it will itself multiply, in a ring of its own, with no barrier in the loop; and since the stream goes
// on from operand to operand, the next weights arrive while a layer's results are still being stored.
#pragma once

#include <glow/ops/panels.hpp>

#include "ptx.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

inline constexpr int mlp_rows = 64;
inline constexpr int mlp_warps = 8;
inline constexpr int mlp_threads = 32 * mlp_warps;

/// A weight operand: its panels, one after the other.
struct PanelOperand {
  const uint4* panels;
  int chunks;  // of 16 columns, a warp and step
  int steps;   // of all panels
};

/// The weights of three products, as the calling thread receives them: slots of `Chunks` vectors, of which
/// those of all threads lie side by side.
template <int Chunks>
class WeightStream {
 public:
  /// Begins to fill a ring of `stages` (2 or 4) slots in shared memory.
  __device__ WeightStream(const PanelOperand (&operands)[3], uint4* ring, int stages)
      : operands_(operands), ring_(ring + threadIdx.x), stages_(stages) {
    open(0);
    for (int i = 0; i + 1 < stages; ++i) issue();
  }

  /// The vectors of the next step, mlp_threads apart; the slot before it is filled again.
  __device__ const uint4* next() {
    if (stages_ > 2) {
      cp_async_wait<2>();
    } else {
      cp_async_wait<0>();
    }
    const uint4* here = ring_ + read_ * slot;
    read_ = read_ + 1 == stages_ ? 0 : read_ + 1;
    issue();
    return here;
  }

 private:
  static constexpr int slot = Chunks * mlp_threads;

  __device__ void open(int operand) {
    const PanelOperand& o = operands_[operand];
    operand_ = operand;
    chunks_ = o.chunks;
    left_ = o.steps;
    from_ = o.panels + (threadIdx.x / 32 * chunks_ * 32 + threadIdx.x % 32);
  }

  // A group of copies a step, empty after the last, so that groups can be counted.
  __device__ void issue() {
    if (left_ == 0 && operand_ < 2) open(operand_ + 1);
    if (left_ > 0) {
      uint4* to = ring_ + write_ * slot;
#pragma unroll
      for (int i = 0; i < Chunks; ++i) {
        if (i < chunks_) cp_async_16(to + i * mlp_threads, from_ + i * 32, true);
      }
      from_ += mlp_warps * chunks_ * 32;
      --left_;
    }
    cp_async_commit();
    write_ = write_ + 1 == stages_ ? 0 : write_ + 1;
  }

  const PanelOperand (&operands_)[3];
  uint4* ring_;
  int stages_, write_ = 0, read_ = 0;
  const uint4* from_;  // in the operand that is being read
  int operand_, chunks_, left_;
};

/// Accumulators of the calling warp: fragment [m][n] covers rows 16 m and on, columns P / 8 * warp + 8 n and
/// on; its elements are those of mma_m16n8k16_bf16.
template <int P>
using TileSums = float[mlp_rows / 16][P / 64][4];

/// acc += A B for the columns of the calling warp. `a` has rows `pitch` apart.
template <int P, int Chunks>
__device__ __forceinline__ void multiply_tile(TileSums<P>& acc, const __nv_bfloat16* a, int pitch, int steps,
                                              WeightStream<Chunks>& weights) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const __nv_bfloat16* row = a + lane % 16 * pitch + lane / 16 * 8;
#pragma unroll 1
  for (int step = 0; step < steps; ++step, row += 16) {
    const uint4* b = weights.next();
    unsigned left[mlp_rows / 16][4];
#pragma unroll
    for (int m = 0; m < mlp_rows / 16; ++m) ldmatrix_x4(left[m], row + m * 16 * pitch);
#pragma unroll
    for (int n = 0; n < P / 64; n += 2) {
      const uint4 v = b[n / 2 * mlp_threads];
      const unsigned right[2][2] = {{v.x, v.y}, {v.z, v.w}};
#pragma unroll
      for (int m = 0; m < mlp_rows / 16; ++m) {
        mma_m16n8k16_bf16(acc[m][n], left[m], right[0]);
        mma_m16n8k16_bf16(acc[m][n + 1], left[m], right[1]);
      }
    }
  }
}

/// The first of the two columns that the calling thread has of fragments [m][n].
template <int P>
__device__ __forceinline__ int column_of(int n) {
  const int lane = static_cast<int>(threadIdx.x) % 32, warp = static_cast<int>(threadIdx.x) / 32;
  return P / 8 * warp + 8 * n + 2 * (lane % 4);
}

/// Calls fn(m, n, e, row, column) for the pairs of elements e and e + 1 of all fragments, which lie in
/// columns `column` and the next; column by column.
template <int P, class Fn>
__device__ __forceinline__ void for_each_pair(Fn fn) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int n = 0; n < P / 64; ++n) {
#pragma unroll
    for (int m = 0; m < mlp_rows / 16; ++m) {
#pragma unroll
      for (int e = 0; e < 4; e += 2) {
        fn(m, n, e, 16 * m + 4 * e + lane / 4, column_of<P>(n));
      }
    }
  }
}

}  // namespace glow::kernels
