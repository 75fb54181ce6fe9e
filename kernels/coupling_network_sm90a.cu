// The passes of coupling_network.cu by wgmma, for compute capability 9.0; equations, operands and what is
// written are the same, the weights' layout (network_pack.cu, pack_blocks) and the masks' are not.
//
// A block takes 128 pixels, and two blocks make a cluster, which shares the fetching of weights. Two
// warpgroups take 64 of them each through all three products, and wait for each other nowhere: while one
// stores its results, the other has the tensor cores. A ninth warp streams the weights, which both read,
// through a ring in shared memory (weight_ring.cuh). A layer's results take the place of its operand in
// shared memory. 512 columns are more sums than a thread has registers, so they come in two halves, of which
// the first waits in registers as bf16: 64 beside the 128 sums of the second.
//
// A tile of c = 6, w = 512, o = 12 is 92 MFLOP on 0.72 MB of weights: docs/cuda.md has what bounds it.
// After: J. Shah et al., FlashAttention-3, NeurIPS 2024 (warps that fetch and warpgroups that multiply).
#include <glow/ops/kernels/coupling_network.hpp>

#include "activations.cuh"
#include "blocks.cuh"
#include "gather.cuh"
#include "weight_ring.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

using bf16 = __nv_bfloat16;

constexpr int groups = 2, group_threads = 128, group_rows = 64;
constexpr int multiplying = groups * group_threads;       // threads
constexpr int all_threads = multiplying + group_threads;  // of which the last warpgroup's first fetches
constexpr int block_rows = groups * group_rows;
constexpr int most_slots = 4;
// 168 each to begin with, of 65536 in all.
constexpr int fetching_registers = 24, multiplying_registers = 240;

static_assert(tile_pixels == group_rows && network_tile_pixels(NetworkKernel::wgmma) == block_rows);

struct PassArguments {
  Images<float> source;
  Index pixels;
  int hidden, out, parts_pitch;
  int blocks_in, blocks_hidden;  // of 64 columns
  int tile_blocks;               // of a warpgroup's rows in shared memory
  int last_panel;                // columns
  int slots;
  BlockOperand weights[3];
  const float* bias[2];
  float* parts;
  bf16* rows[3];
  int row_pitch[3];
  unsigned* masks;
};

// Bytes of shared memory: the warpgroups' rows, then the ring.
__host__ __device__ constexpr int rows_bytes(int tile_blocks) {
  return tile_blocks * group_rows * swizzled_bytes;
}

// The place of the calling thread. Unsigned, so that quotients by powers of two are single shifts.
__device__ __forceinline__ unsigned lane() { return threadIdx.x % 32; }
__device__ __forceinline__ unsigned warp() { return threadIdx.x / 32 % 4; }  // in its warpgroup
__device__ __forceinline__ unsigned group() { return threadIdx.x / group_threads; }

// The first pixel of the calling warpgroup, and how many of its pixels there are.
__device__ __forceinline__ Index first_pixel() {
  return Index{blockIdx.x} * block_rows + group() * group_rows;
}
__device__ __forceinline__ int existing(Index pixels) {
  const Index left = pixels - first_pixel();
  return left <= 0 ? 0 : left < group_rows ? static_cast<int>(left) : group_rows;
}

// The warpgroup's threads wait for one another.
__device__ __forceinline__ void meet() { named_barrier(1 + static_cast<int>(group()), group_threads); }

constexpr unsigned operand_block = group_rows * swizzled_k;  // elements

// Where element (r, k) of a warpgroup's operand lies.
__device__ __forceinline__ unsigned operand_place(unsigned r, unsigned k) {
  return k / swizzled_k * operand_block + swizzled(r, k % swizzled_k);
}

// Where the calling thread's results lie in a warpgroup's operand: those of its sums of rows g and g + 8 of
// its warp's 16, g = lane / 4, columns 2 (lane % 4) and on of every eight. Both rows exchange their pieces
// alike, and exchanging is an exclusive or, so a place is one of those below and a number that the compiler
// knows.
struct ResultPlace {
  unsigned first;  // of row g

  __device__ __forceinline__ ResultPlace() {
    const unsigned here = forgotten(lane()), g = here / 4;
    first = (16 * warp() + g) * swizzled_k + g * swizzled_piece + here % 4 * 2;
  }
  // Of the eight columns from `column` on, a multiple of eight; row g + 8 lies eight_rows further.
  __device__ __forceinline__ unsigned operator()(unsigned column) const {
    return column / swizzled_k * operand_block + (first ^ column % swizzled_k);
  }
  static constexpr unsigned eight_rows = 8 * swizzled_k;
};

// Copies the rows of a to global memory, a warp every fourth of them.
__device__ void store_rows(const bf16* a, Index pixels, bf16* to, int pitch) {
  const unsigned vectors = static_cast<unsigned>(pitch) / 8;
  const unsigned rows = static_cast<unsigned>(existing(pixels));
#pragma unroll 1
  for (unsigned r = warp(); r < rows; r += group_threads / 32) {
    uint4* row = reinterpret_cast<uint4*>(to + (first_pixel() + r) * pitch);
#pragma unroll 1
    for (unsigned v = lane(); v < vectors; v += 32) {
      row[v] = *reinterpret_cast<const uint4*>(a + operand_place(r, 8 * v));
    }
  }
}

// The words of `part` (half) of a layer's masks, for the calling thread, lie `multiplying` apart: [tile,
// layer, word, thread]. A word has a bit for each of 32 sums.
template <int N, int P>
__device__ __forceinline__ unsigned* mask_words(unsigned* masks, int layer, int part) {
  return masks + ((Index{blockIdx.x} * 2 + layer) * (N / 64) + part * (P / 64)) * multiplying + threadIdx.x;
}

// Makes of the sums of `part` (half) of a layer what max(bias + sum, 0) is, recording which are above zero,
// or the sum where the unit was active. put(i, u, v) takes them packed: u of sums i and i + 1, v of the two
// after them, which lie eight rows further.
template <NetworkPass pass, int P, class Put>
__device__ __forceinline__ void activate(const float (&acc)[P / 2], int part, int hidden, const float* bias,
                                         unsigned* masks, Put put) {
  const int column = part * P + static_cast<int>(forgotten(lane()) % 4 * 2);
#pragma unroll
  for (int word = 0; word < P / 64; ++word) {
    unsigned active = 0;
    if constexpr (pass == NetworkPass::backward) active = masks[word * multiplying];
#pragma unroll
    for (int bit = 0; bit < 32; bit += 4) {
      const int i = 32 * word + bit;
      float v[4] = {acc[i], acc[i + 1], acc[i + 2], acc[i + 3]};
      float2 both = {};
      if constexpr (pass != NetworkPass::backward) both = two_biases(bias, column + 2 * i, hidden);
#pragma unroll
      for (int j = 0; j < 4; ++j) {
        if constexpr (pass == NetworkPass::backward) {
          if ((active >> (bit + j) & 1) == 0) v[j] = 0.0f;
        } else {
          v[j] += j % 2 == 0 ? both.x : both.y;
          if constexpr (pass == NetworkPass::traced) active |= (v[j] > 0.0f ? 1u : 0u) << (bit + j);
        }
      }
      if constexpr (pass == NetworkPass::backward) {
        put(i, pack_bf16(v[0], v[1]), pack_bf16(v[2], v[3]));
      } else {
        put(i, pack_relu_bf16(v[0], v[1]), pack_relu_bf16(v[2], v[3]));
      }
    }
    if constexpr (pass == NetworkPass::traced) masks[word * multiplying] = active;
  }
}

// Layer i = 0, 1: a <- max(bias + a B, 0), or a B where the unit was active. The pass back meets the second
// layer first.
template <int N, NetworkPass pass>
__device__ __forceinline__ void hidden_layer(int i, bf16* a, const PassArguments& p, const WeightRing& ring,
                                             RingPlace& place) {
  constexpr int P = N < 256 ? N : 256, last_part = N / P - 1;
  const float* bias = p.bias[i];
  const auto masks = [&](int part) {
    return pass == NetworkPass::values
               ? nullptr
               : mask_words<N, P>(p.masks, pass == NetworkPass::traced ? i : 1 - i, part);
  };
  if constexpr (pass != NetworkPass::values) store_rows(a, p.pixels, p.rows[i], p.row_pitch[i]);
  unsigned kept[P / 4];  // the first half's results
  if constexpr (last_part > 0) {
    float acc[P / 2] = {};
    multiply_blocks<P>(acc, a, i == 0 ? p.blocks_in : p.blocks_hidden, ring, place);
    activate<pass, P>(acc, 0, p.hidden, bias, masks(0), [&](int e, unsigned u, unsigned v) {
      kept[e / 2] = u;
      kept[e / 2 + 1] = v;
    });
  }
  float acc[P / 2] = {};
  multiply_blocks<P>(acc, a, i == 0 ? p.blocks_in : p.blocks_hidden, ring, place);
  meet();  // before others' rows are overwritten
  const ResultPlace place_of;
  const auto store = [&](unsigned first, int e, unsigned u, unsigned v) {
    bf16* const to = a + place_of(first + 2 * e);
    *reinterpret_cast<unsigned*>(to) = u;
    *reinterpret_cast<unsigned*>(to + ResultPlace::eight_rows) = v;
  };
  if constexpr (last_part > 0) {
#pragma unroll
    for (int e = 0; e < P / 2; e += 4) store(0, e, kept[e / 2], kept[e / 2 + 1]);
  }
  activate<pass, P>(acc, last_part, p.hidden, bias, masks(last_part),
                    [&](int e, unsigned u, unsigned v) { store(last_part * P, e, u, v); });
  fence_async_proxy();
  meet();
}

// The last layer, panel by panel of P columns: parts = a B.
template <int P>
__device__ __forceinline__ void last_layer(const bf16* a, const PassArguments& p, const WeightRing& ring,
                                           RingPlace& place) {
#pragma unroll 1
  for (int first = 0; first < p.out; first += P) {
    float acc[P / 2] = {};
    multiply_blocks<P>(acc, a, p.blocks_hidden, ring, place);
    const int row = static_cast<int>(16 * warp() + lane() / 4), rows = existing(p.pixels);
    const int mine = first + static_cast<int>(lane() % 4 * 2);
    float* parts = p.parts + (first_pixel() + row) * p.parts_pitch;
#pragma unroll
    for (int i = 0; i < P / 2; i += 2) {
      const int further = i % 4 * 4, column = mine + i / 4 * 8;
      if (row + further < rows && column < p.out) {
        *reinterpret_cast<float2*>(parts + further * p.parts_pitch + column) =
            make_float2(acc[i], acc[i + 1]);
      }
    }
  }
}

// What a warpgroup does; `places` are its own.
template <int N, NetworkPass pass>
__device__ __forceinline__ void multiply_tile(bf16* a, const PassArguments& p, const WeightRing& ring,
                                              int2* places) {
  const int thread = static_cast<int>(threadIdx.x % group_threads);
  if (thread < group_rows) find_place(p.source, first_pixel(), existing(p.pixels), thread, places);
  meet();
  constexpr int sign = pass == NetworkPass::backward ? -1 : 1;
  gather_rows<group_threads / 32>(
      p.source, sign, first_pixel(), 0, swizzled_k * p.blocks_in, places, static_cast<int>(warp()),
      [&](unsigned r, unsigned k, float v) { a[operand_place(r, k)] = convert<bf16>(v); });
  fence_async_proxy();
  meet();
  RingPlace place;
#pragma unroll 1  // else the first layer's addresses are kept in registers for the second
  for (int i = 0; i < 2; ++i) hidden_layer<N, pass>(i, a, p, ring, place);
  if constexpr (pass != NetworkPass::values) store_rows(a, p.pixels, p.rows[2], p.row_pitch[2]);
  if (p.last_panel == 128) {
    last_layer<128>(a, p, ring, place);
  } else {
    if constexpr (N >= 256) last_layer<256>(a, p, ring, place);
  }
}

template <int N, NetworkPass pass>
__global__ void __launch_bounds__(all_threads, 1)
    network_pass_sm90a_kernel(const __grid_constant__ PassArguments p) {
  GLOW_DYN_SHARED_ALIGNED(swizzle_origin, unsigned char, shared);
  GLOW_SHARED(Mbarrier, full, [most_slots]);
  GLOW_SHARED(Mbarrier, empty, [most_slots]);
  GLOW_SHARED(int2, places, [groups][group_rows]);
  constexpr int slot_bytes = (N < 256 ? N : 256) * swizzled_bytes;
  const WeightRing ring{shared + groups * rows_bytes(p.tile_blocks), p.slots, slot_bytes, full, empty};
  if (threadIdx.x == 0) open_ring(ring, multiplying / 32);
  cluster_sync();
  if (group() == groups) {
    shrink_registers<fetching_registers>();
    if (threadIdx.x == multiplying) fill_ring(ring, p.weights);  // till the other block is done, too
  } else {
    grow_registers<multiplying_registers>();
    multiply_tile<N, pass>(reinterpret_cast<bf16*>(shared + group() * rows_bytes(p.tile_blocks)), p, ring,
                           places[group()]);
  }
}

template <NetworkPass pass>
void launch_pass(const PassArguments& p, Index columns, std::size_t shared_bytes, cudaStream_t stream) {
  const auto kernel = columns == 128   ? network_pass_sm90a_kernel<128, pass>
                      : columns == 256 ? network_pass_sm90a_kernel<256, pass>
                                       : network_pass_sm90a_kernel<512, pass>;
  const unsigned tiles = blocks_of(p.pixels, block_rows);
  const unsigned cluster = tiles > 1 ? static_cast<unsigned>(network_cluster) : 1;
  launch_in_clusters("coupling_network_sm90a", kernel, cluster, dim3(blocks_of(tiles, cluster) * cluster),
                     dim3(all_threads), shared_bytes, stream, p);
}

}  // namespace

void launch_network_pass_sm90a(NetworkPass pass, const NetworkOperands& o, cudaStream_t stream) {
  watch_waits();
  const Index columns = ops::panel_columns_for(o.hidden), in = 9 * o.channels;
  const Index panel = ops::block_panel_columns(o.hidden, o.hidden);
  const Index last = ops::block_panel_columns(o.out, o.hidden);
  const auto blocks = [](Index k) { return static_cast<int>(ops::block_count(k)); };
  const auto operand = [&](int i, Index k, Index n, Index of_panel) {
    const Index panels = (n + of_panel - 1) / of_panel;
    return BlockOperand{reinterpret_cast<const unsigned char*>(o.weights[i]),
                        static_cast<int>(panels) * blocks(k), static_cast<int>(of_panel) * swizzled_bytes};
  };
  const auto pitch = [](Index n) { return static_cast<int>(16 * ops::panel_steps(n)); };
  const int layer_blocks = static_cast<int>(columns) / swizzled_k;
  const int tile_blocks = blocks(in) > layer_blocks ? blocks(in) : layer_blocks;
  const int slot_bytes = static_cast<int>(panel) * swizzled_bytes;
  constexpr int most_shared = 227 * 1024,
                own = 2048;  // of compute capability 9.0; of the barriers and places
  const int fitting = (most_shared - own - groups * rows_bytes(tile_blocks)) / slot_bytes;
  const int slots = fitting < most_slots ? fitting : most_slots;
  const PassArguments p{{o.source, o.stride, {o.height, o.width}, static_cast<int>(o.channels)},
                        o.pixels,
                        static_cast<int>(o.hidden),
                        static_cast<int>(o.out),
                        static_cast<int>(o.parts_pitch),
                        blocks(in),
                        blocks(o.hidden),
                        tile_blocks,
                        static_cast<int>(last),
                        slots,
                        {operand(0, in, o.hidden, panel), operand(1, o.hidden, o.hidden, panel),
                         operand(2, o.hidden, o.out, last)},
                        {o.bias[0], o.bias[1]},
                        o.parts,
                        {o.rows[0], o.rows[1], o.rows[2]},
                        {pitch(in), pitch(o.hidden), pitch(o.hidden)},
                        o.masks};
  const auto bytes = static_cast<std::size_t>(groups * rows_bytes(tile_blocks) + slots * slot_bytes);
  switch (pass) {
    case NetworkPass::values:
      return launch_pass<NetworkPass::values>(p, columns, bytes, stream);
    case NetworkPass::traced:
      return launch_pass<NetworkPass::traced>(p, columns, bytes, stream);
    case NetworkPass::backward:
      return launch_pass<NetworkPass::backward>(p, columns, bytes, stream);
  }
}

}  // namespace glow::kernels
