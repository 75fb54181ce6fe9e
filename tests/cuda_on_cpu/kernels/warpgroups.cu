#include <kernels/cluster.cuh>
#include <kernels/wgmma.cuh>

#include "test_kernels.hpp"

namespace glow::test_kernels {

namespace {

using namespace kernels;

constexpr int rows = 64, columns = 128, slots = 2, multiplying = 128;
constexpr int a_block = rows * swizzled_bytes, b_block = columns * swizzled_bytes;

// A warpgroup multiplies the block's 64 rows, a fifth warp fetches its share for all blocks of the cluster.
// `blocks` of 64 k.
template <Bug bug>
__global__ void warpgroup_gemm_kernel(const __nv_bfloat16* __restrict__ a,
                                      const unsigned char* __restrict__ b, float* __restrict__ c,
                                      int blocks) {
  GLOW_DYN_SHARED_ALIGNED(swizzle_origin, unsigned char, shared);
  GLOW_SHARED(Mbarrier, full, [slots]);
  GLOW_SHARED(Mbarrier, empty, [slots]);
  unsigned char* ring = shared + blocks * a_block;
  const int thread = threadIdx.x, peers = static_cast<int>(cluster_blocks());
  a += blockIdx.x * rows * swizzled_k * blocks;
  c += blockIdx.x * rows * columns;
  if (thread == 0 && bug != Bug::no_barrier_initialised) {
    for (int i = 0; i < slots; ++i) {
      mbarrier_init(full + i, 1);
      mbarrier_init(empty + i,
                    bug == Bug::slot_given_back_in_one_block ? multiplying / 32 : peers * multiplying / 32);
    }
    fence_mbarrier_init();
  }
  if (bug == Bug::no_cluster_sync) {
    __syncthreads();
  } else {
    cluster_sync();
  }
  if (thread == multiplying) {
    const int share = b_block / peers, mine = static_cast<int>(block_in_cluster()) * share;
    for (int i = 0; i < blocks; ++i) {
      mbarrier_wait(empty + i % slots, i / slots % 2 ^ 1);
      mbarrier_arrive_expect_bytes(full + i % slots,
                                   bug == Bug::bytes_that_never_come ? b_block + 16 : b_block);
      bulk_copy_multicast(ring + i % slots * b_block + mine, b + i * b_block + mine, share, full + i % slots);
    }
  }
  if (thread >= multiplying) {
    if (bug != Bug::block_ends_early) cluster_sync();
    return;
  }
  for (int i = thread; i < rows * swizzled_k * blocks; i += multiplying) {
    const int r = i / (swizzled_k * blocks), k = i % (swizzled_k * blocks);
    reinterpret_cast<__nv_bfloat16*>(shared + k / swizzled_k * a_block)[swizzled(r, k % swizzled_k)] = a[i];
  }
  fence_async_proxy();
  if (bug != Bug::no_named_barrier) named_barrier(1, multiplying);
  const auto give_back = [&](int i) {
    const unsigned lane = thread % 32, mine = block_in_cluster();
    if (bug == Bug::slot_given_back_in_one_block ? lane == mine : lane < cluster_blocks()) {
      mbarrier_arrive_in(lane, empty + i % slots);
    }
  };
  float sums[columns / 2] = {};
  for (int i = 0; i < blocks; ++i) {
    if (bug != Bug::no_wait_for_bulk_copy) mbarrier_wait(full + i % slots, i / slots % 2);
    wgmma_fence();
    const std::uint64_t left = wgmma_operand(shared + i * a_block);
    const std::uint64_t right = wgmma_operand(ring + i % slots * b_block);
    for (unsigned k = 0; k < swizzled_k / 16; ++k) {
      wgmma_m64k16_bf16(sums, left + k * wgmma_next_k, right + k * wgmma_next_k);
    }
    wgmma_commit();
    if (bug == Bug::slot_given_back_early) give_back(i);
    if (bug != Bug::no_wait_for_wgmma) wgmma_wait<0>();
    wgmma_pin(sums);
    if (bug != Bug::slot_given_back_early) give_back(i);
  }
  for (int i = 0; i < columns / 2; ++i) {
    const int row = thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
    c[row * columns + i / 4 * 8 + thread % 4 * 2 + i % 2] = sums[i];
  }
  if (bug != Bug::block_ends_early) cluster_sync();
}

}  // namespace

void warpgroup_gemm(const __nv_bfloat16* a, const unsigned char* b, float* c, int blocks, unsigned clusters,
                    unsigned cluster, cudaStream_t stream, Bug bug) {
  auto kernel = warpgroup_gemm_kernel<Bug::none>;
  if (bug == Bug::no_wait_for_bulk_copy) kernel = warpgroup_gemm_kernel<Bug::no_wait_for_bulk_copy>;
  if (bug == Bug::no_wait_for_wgmma) kernel = warpgroup_gemm_kernel<Bug::no_wait_for_wgmma>;
  if (bug == Bug::slot_given_back_early) kernel = warpgroup_gemm_kernel<Bug::slot_given_back_early>;
  if (bug == Bug::no_named_barrier) kernel = warpgroup_gemm_kernel<Bug::no_named_barrier>;
  if (bug == Bug::bytes_that_never_come) kernel = warpgroup_gemm_kernel<Bug::bytes_that_never_come>;
  if (bug == Bug::no_barrier_initialised) kernel = warpgroup_gemm_kernel<Bug::no_barrier_initialised>;
  if (bug == Bug::slot_given_back_in_one_block)
    kernel = warpgroup_gemm_kernel<Bug::slot_given_back_in_one_block>;
  if (bug == Bug::no_cluster_sync) kernel = warpgroup_gemm_kernel<Bug::no_cluster_sync>;
  if (bug == Bug::block_ends_early) kernel = warpgroup_gemm_kernel<Bug::block_ends_early>;
  kernels::launch_in_clusters("warpgroup_gemm", kernel, cluster, dim3(clusters * cluster),
                              dim3(multiplying + 32), blocks * a_block + slots * b_block, stream, a, b, c,
                              blocks);
}

}  // namespace glow::test_kernels
