// Kernels that the emulation is tested with: each does a small thing, right or with a bug planted.
#pragma once

#include <cstddef>

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

namespace glow::test_kernels {

enum class Bug {
  none,
  no_barrier_in_reduction,
  no_barrier_after_load,
  no_trailing_barrier,
  no_wait_for_copy,
  copy_over_a_tile_in_use,
  race_between_blocks,
  race_without_fence,
  shared_out_of_bounds,
  dynamic_shared_out_of_bounds,
  global_out_of_bounds,
  misaligned_float4,
  misaligned_shared_float4,
  different_barriers,
  deadlock,
  mask_without_caller,
  too_much_shared_memory,
  no_wait_for_bulk_copy,
  no_wait_for_wgmma,
  slot_given_back_early,
  no_named_barrier,
  bytes_that_never_come,
  no_barrier_initialised,
  slot_given_back_in_one_block,
  no_cluster_sync,
  block_ends_early,
  a_warp_with_other_operands,
  a_lane_with_other_operands,
  reserved_descriptor_bits,
  a_warp_without_product,
  no_wgmma_fence,
  misaligned_barrier,
  too_many_arrivals,
  too_many_bytes,
  bytes_nobody_expects,
  no_proxy_fence,
  proxy_fence_by_one_lane,
  stores_before_bulk_copy,
  no_such_block,
  a_warp_keeps_its_registers,
  more_registers_than_there_are,
  registers_grow_to_fewer,
};

/// y[i] = x[i], four at a time.
void copy(const float* x, float* y, int n, cudaStream_t stream, Bug bug = Bug::none);

/// sums[b] = sum of x[256 b ... 256 b + 255]; by halving in shared memory, and by shuffles.
void block_sums(const float* x, float* sums, int n, cudaStream_t stream, Bug bug = Bug::none);
void warp_sums(const float* x, float* sums, int n, cudaStream_t stream);

/// *total = sum of x by the last block to finish; *finished must be 0, and is again.
void total(const float* x, float* partial, unsigned* finished, float* total, int n, cudaStream_t stream,
           Bug bug = Bug::none);

/// *count += number of x[i] > 0.
void count_positive(const float* x, int* count, int n, cudaStream_t stream, Bug bug = Bug::none);

/// C [m, n] = A [m, k] B [k, n], row-major, any extents; tiles of 16 x 16 in shared memory.
void tiled_gemm(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream,
                Bug bug = Bug::none);

/// The same on tensor cores; extents are multiples of 16.
void bf16_gemm(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c, int m, int n, int k,
               cudaStream_t stream);
void tf32_gemm(const float* a, const float* b, float* c, int m, int n, int k, cudaStream_t stream);

/// C [64 n, 128] = A B by wgmma, A [64 n, 64 blocks] row-major, B in blocks of 64 k as kernels/swizzle.cuh
/// says; n = clusters * cluster blocks, in clusters of so many.
void warpgroup_gemm(const __nv_bfloat16* a, const unsigned char* b, float* c, int blocks, unsigned clusters,
                    unsigned cluster, cudaStream_t stream, Bug bug = Bug::none);

/// y[i] = 1 for the 384 threads of three warpgroups, of which the third gives registers to the others.
void share_registers(float* y, cudaStream_t stream, Bug bug = Bug::none);

/// y[0] = 1 by a kernel with 24 KiB of static shared memory and `dynamic` bytes of dynamic shared memory;
/// with 16 bytes less of the former, and the latter at a multiple of 1024.
void static_and_dynamic(float* y, std::size_t dynamic, cudaStream_t stream);
void static_and_aligned_dynamic(float* y, std::size_t dynamic, cudaStream_t stream);

/// order[i] = the block, in its cluster of two, of the i-th thread of a grid of one cluster to come; *came
/// must be 0. The threads of each block then meet, and come once more.
void turns(int* order, int* came, int threads, cudaStream_t stream);

/// y[i] = x[i] + x[j], j the mirror image of i in its tile of 512; tiles come by cp.async, two at a time.
void pipelined(const float* x, float* y, int n, cudaStream_t stream, Bug bug = Bug::none);

/// Reverses blocks of `block` numbers in dynamic shared memory.
void reverse_blocks(const float* x, float* y, int n, int block, cudaStream_t stream, Bug bug = Bug::none);

/// Kernels that cannot end well.
void doomed(float* y, cudaStream_t stream, Bug bug);

/// y[i] = coordinates of thread i of a grid of three dimensions: thread.x, .y, .z, block.x, .y, .z.
void coordinates(int* y, dim3 grid, dim3 block, cudaStream_t stream);

/// Ten numbers of each of 64 threads: shuffles, votes and counting barriers.
void warp_functions(int* y, cudaStream_t stream);

/// Three numbers of each of 64 threads, of which lanes 16 to 31 end at once and write none: read from an
/// absent lane, from lane ^ 1, from thread + 32 by shared memory.
void early_exit(float* y, cudaStream_t stream);

}  // namespace glow::test_kernels
