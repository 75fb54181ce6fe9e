// A pass of the coupling network, seen as a perceptron on each pixel's nine neighbours, in one kernel: the
// hidden activations of 64 pixels stay in shared memory and registers, the weights come from the second-level
// cache.
//
//   values, traced   x9 = nine neighbours of x_b          [64, 9c]
//                    h1 = max(b1 + x9 K1, 0)              [64, w]
//                    h2 = max(b2 + h1 K2, 0)              [64, w]
//                    parts = h2 K3                        [64, 9o]     =
//   backward         d9 = nine mirrored ones of dout      [64, 9o]
//                    d2 = d9 K3^T where h2 > 0            [64, w]
//                    d1 = d2 K2^T where h1 > 0            [64, w]
//                    parts = d1 K1^T                      [64, 9c]     =
//
// Operands are bf16, sums float32. `traced` and `backward` also write the rows that enter their products,
// from which the weights' gradients are made (=). What was active is kept in bits: the thread that made a
// hidden unit in `traced` is the one that masks its cotangent in `backward`, so the bits need no order but
// the threads' own. A pixel's results do not depend on the others of its tile: forward and inverse compute
// the same bits.
//
// A tile of c = 6, w = 512, o = 12 is 44 MFLOP on 0.72 MB of weights, 61 FLOP a byte of the second-level
// cache, which bounds it (docs/cuda.md). GPUs of compute capability 9.0 run coupling_network_sm90a.cu in its
// place.
// After: T. Mueller et al., Real-time Neural Radiance Caching for Path Tracing, ACM TOG 40(4), 2021 (fully
// fused networks).
#include <glow/ops/kernels/coupling_network.hpp>

#include "activations.cuh"
#include "blocks.cuh"
#include "gather.cuh"
#include "mlp_tile.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

static_assert(tile_pixels == mlp_rows && tile_threads == mlp_threads &&
              network_tile_pixels(NetworkKernel::mma) == mlp_rows);

using bf16 = __nv_bfloat16;

struct PassArguments {
  Images<float> source;
  Index pixels;
  int hidden, out, parts_pitch;
  int steps_in, steps_hidden;  // of 16 rows
  int last_panel;              // columns
  int pitch;                   // of the rows in shared memory
  int stages;
  PanelOperand weights[3];
  const float* bias[2];
  float* parts;
  bf16* rows[3];
  unsigned* masks;
};

// Bytes of shared memory: the rows of a tile, then the ring of weights.
__host__ __device__ constexpr int rows_bytes(int pitch) {
  return mlp_rows * pitch * static_cast<int>(sizeof(bf16));
}
constexpr int ring_bytes(Index columns, int stages) {
  return stages * static_cast<int>(columns) * 16 * static_cast<int>(sizeof(bf16));
}

// Copies the tile's rows of 16 * steps columns to global memory; a warp takes every eighth row.
__device__ void store_rows(const bf16* a, int pitch, int steps, bf16* to) {
  const int lane = static_cast<int>(threadIdx.x) % 32, vectors = 2 * steps;
  for (int r = static_cast<int>(threadIdx.x) / 32; r < mlp_rows; r += mlp_warps) {
    const uint4* from = reinterpret_cast<const uint4*>(a + r * pitch);
    uint4* row = reinterpret_cast<uint4*>(to + (Index{blockIdx.x} * mlp_rows + r) * 16 * steps);
#pragma unroll 1
    for (int v = lane; v < vectors; v += 32) row[v] = from[v];
  }
}

// The words of a layer's masks, for the calling thread, lie mlp_threads apart: [tile, layer, word, thread]. A
// word has a bit for each element of two columns of fragments.
template <int N>
__device__ __forceinline__ unsigned* mask_words(unsigned* masks, int layer) {
  return masks + (Index{blockIdx.x} * 2 + layer) * (N / 128) * mlp_threads + threadIdx.x;
}

// masks = which elements are above zero.
template <int N>
__device__ __forceinline__ void record_active(const TileSums<N>& acc, unsigned* masks) {
#pragma unroll
  for (int word = 0; word < N / 128; ++word) {
    unsigned active = 0;
#pragma unroll
    for (int bit = 31; bit >= 0; --bit) {
      active = 2 * active + (acc[bit / 4 % 4][2 * word + bit / 16][bit % 4] > 0.0f ? 1 : 0);
    }
    masks[word * mlp_threads] = active;
  }
}

// Sets the elements to zero that were not recorded.
template <int N>
__device__ __forceinline__ void clear_inactive(TileSums<N>& acc, const unsigned* masks) {
#pragma unroll
  for (int word = 0; word < N / 128; ++word) {
    const unsigned active = masks[word * mlp_threads];
#pragma unroll
    for (int bit = 0; bit < 32; ++bit) {
      if ((active >> bit & 1) == 0) acc[bit / 4 % 4][2 * word + bit / 16][bit % 4] = 0.0f;
    }
  }
}

// acc = bias, in every row; zero in columns from `hidden` on.
template <int N>
__device__ __forceinline__ void begin_with_bias(TileSums<N>& acc, const float* bias, int hidden) {
#pragma unroll
  for (int n = 0; n < N / 64; ++n) {
    const float2 both = two_biases(bias, column_of<N>(n), hidden);
#pragma unroll
    for (int m = 0; m < mlp_rows / 16; ++m) {
#pragma unroll
      for (int e = 0; e < 4; e += 2) {
        acc[m][n][e] = both.x;
        acc[m][n][e + 1] = both.y;
      }
    }
  }
}

// Layer i = 0, 1: a <- max(bias + a B, 0), or a B where the unit was active. The pass back meets the second
// layer first.
template <int N, NetworkPass pass, int Chunks>
__device__ __forceinline__ void hidden_layer(int i, bf16* a, const PassArguments& p,
                                             WeightStream<Chunks>& weights) {
  const int steps = i == 0 ? p.steps_in : p.steps_hidden;
  if constexpr (pass != NetworkPass::values) store_rows(a, p.pitch, steps, p.rows[i]);
  TileSums<N> acc = {};
  if constexpr (pass != NetworkPass::backward) begin_with_bias<N>(acc, p.bias[i], p.hidden);
  multiply_tile<N>(acc, a, p.pitch, steps, weights);
  if constexpr (pass == NetworkPass::traced) record_active<N>(acc, mask_words<N>(p.masks, i));
  if constexpr (pass == NetworkPass::backward) clear_inactive<N>(acc, mask_words<N>(p.masks, 1 - i));
  __syncthreads();  // before others' rows are overwritten
  for_each_pair<N>([&](int m, int n, int e, int row, int column) {
    const float low = acc[m][n][e], high = acc[m][n][e + 1];
    *reinterpret_cast<unsigned*>(a + row * p.pitch + column) =
        pass == NetworkPass::backward ? pack_bf16(low, high) : pack_relu_bf16(low, high);
  });
  __syncthreads();
}

// The last layer, panel by panel of P columns: parts = a B.
template <int P, int Chunks>
__device__ __forceinline__ void last_layer(const bf16* a, const PassArguments& p,
                                           WeightStream<Chunks>& weights) {
  float* parts = p.parts + Index{blockIdx.x} * mlp_rows * p.parts_pitch;
#pragma unroll 1
  for (int first = 0; first < p.out; first += P) {
    TileSums<P> acc = {};
    multiply_tile<P>(acc, a, p.pitch, p.steps_hidden, weights);
    for_each_pair<P>([&](int m, int n, int e, int row, int column) {
      if (first + column < p.out) {
        *reinterpret_cast<float2*>(parts + row * p.parts_pitch + first + column) =
            make_float2(acc[m][n][e], acc[m][n][e + 1]);
      }
    });
  }
}

template <int N, NetworkPass pass>
__global__ void __launch_bounds__(mlp_threads, N == 512 ? 1 : 2)
    network_pass_kernel(const __grid_constant__ PassArguments p) {
  constexpr int chunks = N / 128;
  GLOW_DYN_SHARED(unsigned char, shared);
  bf16* a = reinterpret_cast<bf16*>(shared);
  WeightStream<chunks> weights(p.weights, reinterpret_cast<uint4*>(shared + rows_bytes(p.pitch)), p.stages);

  const Index first = Index{blockIdx.x} * mlp_rows;
  const int rows = p.pixels - first < mlp_rows ? static_cast<int>(p.pixels - first) : mlp_rows;
  constexpr int sign = pass == NetworkPass::backward ? -1 : 1;
  gather_tile<true>(p.source, sign, first, rows, 0, 16 * p.steps_in, a, p.pitch);
  __syncthreads();
  hidden_layer<N, pass>(0, a, p, weights);
  hidden_layer<N, pass>(1, a, p, weights);
  if constexpr (pass != NetworkPass::values) store_rows(a, p.pitch, p.steps_hidden, p.rows[2]);
  if (p.last_panel == 128) {
    last_layer<128>(a, p, weights);
  } else if (p.last_panel == 256) {
    if constexpr (N >= 256) last_layer<256>(a, p, weights);
  } else {
    if constexpr (N >= 512) last_layer<512>(a, p, weights);
  }
}

template <NetworkPass pass>
void launch_pass(const PassArguments& p, Index columns, std::size_t shared_bytes, cudaStream_t stream) {
  const auto kernel = columns == 128   ? network_pass_kernel<128, pass>
                      : columns == 256 ? network_pass_kernel<256, pass>
                                       : network_pass_kernel<512, pass>;
  launch("coupling_network", kernel, dim3(blocks_of(p.pixels, mlp_rows)), dim3(mlp_threads), shared_bytes,
         stream, p);
}

// Shared memory that a block may have on the current device.
int shared_memory_limit() {
  int device = 0, bytes = 0;
  if (cudaGetDevice(&device) != cudaSuccess ||
      cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) != cudaSuccess) {
    return 0;  // the launch will say what is wrong
  }
  return bytes;
}

}  // namespace

void launch_network_pass(NetworkPass pass, const NetworkOperands& o, cudaStream_t stream) {
  const Index columns = ops::panel_columns_for(o.hidden), last = ops::last_panel_columns(o.out, o.hidden);
  const Index in = 9 * o.channels;
  const auto steps = [](Index k) { return static_cast<int>(ops::panel_steps(k)); };
  const auto operand = [&](int i, Index k, Index n, Index panel) {
    const Index panels = (n + panel - 1) / panel;
    return PanelOperand{reinterpret_cast<const uint4*>(o.weights[i]), static_cast<int>(panel / 128),
                        static_cast<int>(panels) * steps(k)};
  };
  const int widest = 16 * steps(in) > columns ? 16 * steps(in) : static_cast<int>(columns);
  const int pitch = widest + 8;
  constexpr int own = 1024;  // of the gather's, and what a launch reserves
  const int stages = rows_bytes(pitch) + ring_bytes(columns, 4) + own <= shared_memory_limit() ? 4 : 2;
  const PassArguments p{{o.source, o.stride, {o.height, o.width}, static_cast<int>(o.channels)},
                        o.pixels,
                        static_cast<int>(o.hidden),
                        static_cast<int>(o.out),
                        static_cast<int>(o.parts_pitch),
                        steps(in),
                        steps(o.hidden),
                        static_cast<int>(last),
                        pitch,
                        stages,
                        {operand(0, in, columns, columns), operand(1, o.hidden, columns, columns),
                         operand(2, o.hidden, o.out, last)},
                        {o.bias[0], o.bias[1]},
                        o.parts,
                        {o.rows[0], o.rows[1], o.rows[2]},
                        o.masks};
  const auto bytes = static_cast<std::size_t>(rows_bytes(pitch) + ring_bytes(columns, stages));
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
