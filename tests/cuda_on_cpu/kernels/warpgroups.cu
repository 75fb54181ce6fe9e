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
  GLOW_SHARED(Mbarrier, barriers, [2 * slots + 1]);
  Mbarrier* const full =
      bug == Bug::misaligned_barrier
          ? reinterpret_cast<Mbarrier*>(reinterpret_cast<unsigned char*>(barriers) + sizeof(Mbarrier) / 2)
          : barriers;
  Mbarrier* const empty = full + slots;
  unsigned char* ring = shared + blocks * a_block;
  const int thread = threadIdx.x, peers = static_cast<int>(cluster_blocks());
  a += blockIdx.x * rows * swizzled_k * blocks;
  c += blockIdx.x * rows * columns;
  if (thread == 0 && bug != Bug::no_barrier_initialised) {
    for (int i = 0; i < slots; ++i) {
      mbarrier_init(full + i, bug == Bug::too_many_arrivals ? 1u << 20 : 1);
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
  if (bug == Bug::stores_before_bulk_copy && thread == multiplying) {
    for (int i = 0; i < slots * b_block; ++i) ring[i] = 0;
  }
  if (thread == multiplying) {
    const int share = b_block / peers, mine = static_cast<int>(block_in_cluster()) * share;
    for (int i = 0; i < blocks; ++i) {
      mbarrier_wait(empty + i % slots, i / slots % 2 ^ 1);
      mbarrier_arrive_expect_bytes(full + i % slots, bug == Bug::bytes_that_never_come ? b_block + 16
                                                     : bug == Bug::too_many_bytes      ? 1u << 20
                                                                                       : b_block);
      for (int copies = bug == Bug::bytes_nobody_expects ? 80 : 1; copies > 0; --copies) {
        bulk_copy_multicast(ring + i % slots * b_block + mine, b + i * b_block + mine, share,
                            full + i % slots);
      }
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
  if (bug != Bug::no_proxy_fence && (bug != Bug::proxy_fence_by_one_lane || thread % 32 == 0)) {
    fence_async_proxy();
  }
  if (bug != Bug::no_named_barrier) named_barrier(1, multiplying);
  const auto give_back = [&](int i) {
    const unsigned lane = thread % 32, mine = block_in_cluster();
    if (bug == Bug::slot_given_back_in_one_block ? lane == mine : lane < cluster_blocks()) {
      mbarrier_arrive_in(bug == Bug::no_such_block ? cluster_blocks() : lane, empty + i % slots);
    }
  };
  float sums[columns / 2] = {};
  for (int i = 0; i < blocks; ++i) {
    if (bug != Bug::no_wait_for_bulk_copy) mbarrier_wait(full + i % slots, i / slots % 2);
    if (bug != Bug::no_wgmma_fence) wgmma_fence();
    std::uint64_t left = wgmma_operand(shared + i * a_block);
    std::uint64_t right = wgmma_operand(ring + i % slots * b_block);
    if (bug == Bug::a_warp_with_other_operands && thread / 32 == 2) right += wgmma_next_k;
    if (bug == Bug::a_lane_with_other_operands && thread == 77) right += wgmma_next_k;
    if (bug == Bug::reserved_descriptor_bits) left |= std::uint64_t{1} << 52;
    if (bug == Bug::a_warp_without_product && thread / 32 == 3 && i == blocks - 1) return;
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

template <Bug... bugs>
auto kernel_with(Bug bug) {
  auto kernel = warpgroup_gemm_kernel<Bug::none>;
  const bool found = (... || (bug == bugs && (kernel = warpgroup_gemm_kernel<bugs>) != nullptr));
  return found ? kernel : warpgroup_gemm_kernel<Bug::none>;
}

}  // namespace

void warpgroup_gemm(const __nv_bfloat16* a, const unsigned char* b, float* c, int blocks, unsigned clusters,
                    unsigned cluster, cudaStream_t stream, Bug bug) {
  const auto kernel =
      kernel_with<Bug::no_wait_for_bulk_copy, Bug::no_wait_for_wgmma, Bug::slot_given_back_early,
                  Bug::no_named_barrier, Bug::bytes_that_never_come, Bug::no_barrier_initialised,
                  Bug::slot_given_back_in_one_block, Bug::no_cluster_sync, Bug::block_ends_early,
                  Bug::a_warp_with_other_operands, Bug::a_lane_with_other_operands,
                  Bug::reserved_descriptor_bits, Bug::a_warp_without_product, Bug::no_wgmma_fence,
                  Bug::misaligned_barrier, Bug::too_many_arrivals, Bug::too_many_bytes,
                  Bug::bytes_nobody_expects, Bug::no_proxy_fence, Bug::proxy_fence_by_one_lane,
                  Bug::stores_before_bulk_copy, Bug::no_such_block>(bug);
  kernels::launch_in_clusters("warpgroup_gemm", kernel, cluster, dim3(clusters * cluster),
                              dim3(multiplying + 32), blocks * a_block + slots * b_block, stream, a, b, c,
                              blocks);
}

}  // namespace glow::test_kernels
