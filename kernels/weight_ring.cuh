// Weights on their way to wgmma: a ring of slots in shared memory, filled with bulk copies by one thread and
// read by the tensor cores of all warpgroups of the block. The blocks of a cluster read the same weights at
// about the same time: each fetches a share of every slot and sends it to all of them. The weights lie in
// global memory as they will in shared memory (swizzle.cuh), block after block in the order in which they are
// multiplied, operand after operand: so a block of 64 k is one copy, and the next layer's weights come while
// a layer's results are stored.
#pragma once

#include "cluster.cuh"
#include "wgmma.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

/// A weight operand: its blocks, one after the other.
struct BlockOperand {
  const unsigned char* blocks;
  int count;
  int bytes;  // of a block
};

/// The ring, in shared memory: `slots` of `slot_bytes`, at a multiple of swizzle_origin. A slot is full when
/// the shares of all blocks of the cluster have come, empty when all reading warps of all of them have said
/// so.
struct WeightRing {
  unsigned char* slots;
  int count, slot_bytes;
  Mbarrier *full, *empty;  // [count]
};

/// By one thread, before the cluster's first barrier.
__device__ __forceinline__ void open_ring(const WeightRing& ring, unsigned reading_warps) {
  for (int i = 0; i < ring.count; ++i) {
    mbarrier_init(ring.full + i, 1);
    mbarrier_init(ring.empty + i, reading_warps * cluster_blocks());
  }
  fence_mbarrier_init();
  fence_async_proxy();
}

/// A place in the ring, and the parity of its round.
struct RingPlace {
  int slot = 0;
  unsigned parity = 0;
  __device__ void advance(const WeightRing& ring) {
    if (++slot == ring.count) {
      slot = 0;
      parity ^= 1;
    }
  }
};

/// Copies the calling block's share of a slot to all blocks of the cluster.
__device__ __forceinline__ void fetch_share(unsigned char* shared, const unsigned char* global,
                                            unsigned bytes, Mbarrier* full) {
  if (cluster_blocks() == 1) {
    bulk_copy(shared, global, bytes, full);
  } else {
    bulk_copy_multicast(shared, global, bytes, full);
  }
}

/// Streams all operands through the ring, and returns when all readers are done: until then the cluster's
/// other blocks reach for this one's barriers. By one thread of each block.
__device__ __forceinline__ void fill_ring(const WeightRing& ring, const BlockOperand (&operands)[3]) {
  RingPlace place;
#pragma unroll 1
  for (int o = 0; o < 3; ++o) {
    const int bytes = operands[o].bytes, share = bytes / static_cast<int>(cluster_blocks());
    const int mine = static_cast<int>(block_in_cluster()) * share;
    const unsigned char* from = operands[o].blocks + mine;
#pragma unroll 1
    for (int i = 0; i < operands[o].count; ++i, from += bytes) {
      mbarrier_wait(ring.empty + place.slot, place.parity ^ 1);
      mbarrier_arrive_expect_bytes(ring.full + place.slot, static_cast<unsigned>(bytes));
      fetch_share(ring.slots + place.slot * ring.slot_bytes + mine, from, static_cast<unsigned>(share),
                  ring.full + place.slot);
      place.advance(ring);
    }
  }
  for (int i = 0; i < ring.count; ++i) {
    mbarrier_wait(ring.empty + place.slot, place.parity ^ 1);
    place.advance(ring);
  }
}

/// Says in every block of the cluster that the calling warp has read the slot.
__device__ __forceinline__ void give_back(const WeightRing& ring, int slot) {
  const unsigned blocks = cluster_blocks(), lane = threadIdx.x % 32;
  if (lane >= blocks) return;
  if (blocks == 1) {
    mbarrier_arrive(ring.empty + slot);
  } else {
    mbarrier_arrive_in(lane, ring.empty + slot);
  }
}

/// acc [64, P] += A B for the calling warpgroup; of A, `blocks` blocks of 64 rows one after the other from
/// `a` on, of B the next as many of the ring. While a block is multiplied, the one before is given back.
template <int P>
__device__ __forceinline__ void multiply_blocks(float (&acc)[P / 2], const __nv_bfloat16* a, int blocks,
                                                const WeightRing& ring, RingPlace& place) {
  constexpr std::uint64_t next_block = 64 * swizzled_bytes / 16;
  std::uint64_t left = wgmma_operand(a);
  int before = 0;
  wgmma_pin(acc);
#pragma unroll 1
  for (int i = 0; i < blocks; ++i, left += next_block) {
    mbarrier_wait(ring.full + place.slot, place.parity);
    wgmma_fence();
    const std::uint64_t right = wgmma_operand(ring.slots + place.slot * ring.slot_bytes);
#pragma unroll
    for (unsigned k = 0; k < swizzled_k / 16; ++k) {
      wgmma_m64k16_bf16(acc, left + k * wgmma_next_k, right + k * wgmma_next_k);
    }
    wgmma_commit();
    wgmma_wait<1>();
    if (i > 0) give_back(ring, before);
    before = place.slot;
    place.advance(ring);
  }
  wgmma_wait<0>();
  wgmma_pin(acc);
  give_back(ring, before);
}

}  // namespace glow::kernels
