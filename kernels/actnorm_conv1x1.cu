// ActNorm and the invertible 1x1 convolution after it in one pass over memory: y = W u, u = (x + b) *
// exp(log_s); x, y [n, pixels, c] in place (=), logdet [n] (+=). Backward: u = W^-1 y, du = W^T dy, x = u
// exp(-log_s) - b, dx = du exp(log_s) in place (=); dW = sum over pixels of dy u^T (=), d_b = sum of dx,
// d_log_s = sum of du u (+=). Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1
// Convolutions, NeurIPS 2018, sections 3.1 and 3.2.
#include <cmath>

#include <glow/ops/kernels/actnorm_conv1x1.hpp>

#include "actnorm_tile.cuh"
#include "columns.cuh"
#include "outer_product.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// What forward and inverse add to the log-determinants.
template <class T>
struct LogDet {
  T* logdet;
  Index samples;
  const T* log_s;
  T amount;
};

// Block 0 adds amount * sum(log_scale + log_s) to every sample's log-determinant.
template <class T>
__device__ void add_logdet(const LogDet<T>& l, const T* log_scale, unsigned c) {
  if (blockIdx.x != 0 || l.logdet == nullptr) return;
  T sum = 0;
  for (unsigned i = threadIdx.x; i < c; i += multipliers) sum += log_scale[i] + l.log_s[i];
  sum = block_sum<multipliers>(sum);
  for (Index n = threadIdx.x; n < l.samples; n += multipliers) l.logdet[n] += l.amount * sum;
}

template <class T, int N, bool Forward>
__global__ void __launch_bounds__(multipliers)
    actnorm_conv1x1_kernel(const T* __restrict__ bias, const T* __restrict__ log_scale,
                           const T* __restrict__ packed, T* __restrict__ x, LogDet<T> logdet, Index pixels,
                           unsigned c, unsigned tile_rows) {
  GLOW_DYN_SHARED(T, tile);
  const TileActNorm<Forward, T> actnorm(bias, log_scale, tile + tile_rows * stride_of(c), c);
  add_logdet(logdet, log_scale, c);
  __syncthreads();
  if constexpr (Forward) {
    pixel_product<N>(packed, x, tile, pixels, c, tile_rows, actnorm, Same{});
  } else {
    pixel_product<N>(packed, x, tile, pixels, c, tile_rows, Same{}, actnorm);
  }
}

// This thread's four channels of every pixel that it takes, and its sums over them.
template <class T>
struct Channels {
  T bias[4] = {}, scale[4] = {}, inverse[4] = {};
  T sum_du[4] = {}, sum_du_u[4] = {};

  __device__ Channels(const T* b, const T* log_scale, unsigned column, unsigned c) {
    for (unsigned j = 0; j < 4; ++j) {
      if (column + j >= c) return;
      bias[j] = b[column + j];
      scale[j] = std::exp(log_scale[column + j]);
      inverse[j] = std::exp(-log_scale[column + j]);
    }
  }

  // u, du of a pixel -> x, dx.
  __device__ void pull_back(T (&u)[4], T (&du)[4]) {
    for (int j = 0; j < 4; ++j) {
      sum_du[j] += du[j];
      sum_du_u[j] += du[j] * u[j];
      u[j] = u[j] * inverse[j] - bias[j];
      du[j] *= scale[j];
    }
  }
};

// Writes the block's [d_bias | d_log_scale], through `shared`; thread t holds channel group t % groups.
template <class T>
__device__ void write_channel_sums(const Channels<T>& mine, T* shared, T* to, unsigned c) {
  const unsigned stride = stride_of(c), groups = stride / 4, rows = outer_threads / groups;
  const unsigned row = threadIdx.x / groups, column = threadIdx.x % groups * 4;
  __syncthreads();  // until all have read what lay in `shared`
  for (unsigned j = 0; j < 4 && row < rows; ++j) {
    shared[row * 2 * stride + column + j] = mine.sum_du[j] * mine.scale[j];
    shared[(row * 2 + 1) * stride + column + j] = mine.sum_du_u[j];
  }
  __syncthreads();
  for (unsigned i = threadIdx.x; i < 2 * c; i += outer_threads) {
    const unsigned at = i < c ? i : stride + i - c;
    T total = 0;
    for (unsigned r = 0; r < rows; ++r) total += shared[r * 2 * stride + at];
    to[i] = total;
  }
}

template <class T, int N>
__global__ void __launch_bounds__(outer_threads)
    actnorm_conv1x1_backward_kernel(const T* __restrict__ bias, const T* __restrict__ log_scale,
                                    const T* __restrict__ packed_inverse,
                                    const T* __restrict__ packed_weight_t, T* __restrict__ part,
                                    T* __restrict__ y, T* __restrict__ dy, Index pixels, unsigned c,
                                    unsigned tile_rows) {
  GLOW_DYN_SHARED(T, tile_y);
  const unsigned stride = stride_of(c), groups = stride / 4, pixel_groups = tile_rows / 4;
  T* const tile_dy = tile_y + tile_rows * stride;
  T* const tile_u = tile_dy + tile_rows * stride;
  const unsigned column = threadIdx.x % groups * 4, row_step = outer_threads / groups;
  Channels<T> channels(bias, log_scale, column, c);
  OuterSum<T> sum(c);
  const Index step = Index{gridDim.x} * tile_rows;
  for (Index first = Index{blockIdx.x} * tile_rows; first < pixels; first += step) {
    const unsigned rows = pixels - first < tile_rows ? static_cast<unsigned>(pixels - first) : tile_rows;
    load_tile<N, outer_threads>(y + first * c, tile_y, rows, c, Same{});
    load_tile<N, outer_threads>(dy + first * c, tile_dy, rows, c, Same{});
    __syncthreads();
    const unsigned first_row = threadIdx.x / groups;
    for (unsigned row = first_row; first_row < row_step && row < pixel_groups && row < rows;
         row += row_step) {
      T u[4][4], du[4][4];
      multiply(packed_inverse, tile_y, c, row, pixel_groups, column, u);
      multiply(packed_weight_t, tile_dy, c, row, pixel_groups, column, du);
      for (unsigned p = 0; p < 4; ++p) {
        const unsigned pixel = row + p * pixel_groups;
        if (pixel >= rows) break;
        store(tile_u + pixel * stride + column, Vector<T, 4>{{u[p][0], u[p][1], u[p][2], u[p][3]}});
        channels.pull_back(u[p], du[p]);
        store_channels<N>(y + (first + pixel) * c + column, u[p], c - column);
        store_channels<N>(dy + (first + pixel) * c + column, du[p], c - column);
      }
    }
    __syncthreads();
    sum.add(tile_dy, tile_u, rows);
    __syncthreads();
  }
  T* const mine = part + blockIdx.x * actnorm_conv1x1_part(c);
  sum.write(tile_y, mine);
  write_channel_sums(channels, tile_y, mine + c * c, c);
}

template <class T>
struct AddStepGradients {
  T *d_weight, *d_bias, *d_log_scale;
  Index c;
  __device__ void operator()(Index i, const T (&total)[1]) const {
    const Index channel = i - c * c;
    if (channel < 0) {
      d_weight[i] = total[0];
    } else if (channel < c) {
      d_bias[channel] += total[0];
    } else {
      d_log_scale[channel - c] += total[0];
    }
  }
};

template <bool Forward, class T>
void launch_map(const char* what, const T* bias, const T* log_scale, const T* packed, T* x, LogDet<T> logdet,
                Index pixels, Index c, cudaStream_t stream) {
  if (pixels == 0) return;
  const unsigned channels = static_cast<unsigned>(c), rows = product_rows<T>(pixels, channels);
  with_width<T>(
      [&](auto width) {
        launch(what, actnorm_conv1x1_kernel<T, decltype(width)::value, Forward>,
               dim3(blocks_of(pixels, rows)), dim3(multipliers),
               (rows + actnorm_rows) * stride_of(channels) * sizeof(T), stream, bias, log_scale, packed, x,
               logdet, pixels, channels, rows);
      },
      c, x);
}

}  // namespace

template <class T>
void launch_actnorm_conv1x1_forward(const T* bias, const T* log_scale, const T* packed_weight, const T* log_s,
                                    T* x, T* logdet, Index n, Index pixels, Index c, cudaStream_t stream) {
  launch_map<true>("actnorm_conv1x1_forward", bias, log_scale, packed_weight, x,
                   LogDet<T>{logdet, n, log_s, static_cast<T>(pixels)}, n * pixels, c, stream);
}

template <class T>
void launch_actnorm_conv1x1_inverse(const T* bias, const T* log_scale, const T* packed_inverse,
                                    const T* log_s, T* y, T* logdet, Index n, Index pixels, Index c,
                                    cudaStream_t stream) {
  launch_map<false>("actnorm_conv1x1_inverse", bias, log_scale, packed_inverse, y,
                    LogDet<T>{logdet, n, log_s, -static_cast<T>(pixels)}, n * pixels, c, stream);
}

template <class T>
void launch_actnorm_conv1x1_backward(const T* bias, const T* log_scale, const T* packed_inverse,
                                     const T* packed_weight_t, T* part, T* d_weight, T* d_bias,
                                     T* d_log_scale, T* y, T* dy, Index pixels, Index c,
                                     cudaStream_t stream) {
  const unsigned channels = static_cast<unsigned>(c);
  const OuterGrid<T> grid(pixels, channels, 3);
  with_width<T>(
      [&](auto width) {
        if (pixels == 0) return;
        launch("actnorm_conv1x1_backward", actnorm_conv1x1_backward_kernel<T, decltype(width)::value>,
               dim3(grid.blocks), dim3(outer_threads), grid.shared_bytes, stream, bias, log_scale,
               packed_inverse, packed_weight_t, part, y, dy, pixels, channels, grid.tile_rows);
      },
      c, y, dy);
  launch_sum_parts<1>("actnorm_conv1x1_backward", part, Index{grid.blocks}, actnorm_conv1x1_part(c),
                      AddStepGradients<T>{d_weight, d_bias, d_log_scale, c}, stream);
}

#define GLOW_INSTANTIATE(T)                                                                                  \
  template void launch_actnorm_conv1x1_forward(const T*, const T*, const T*, const T*, T*, T*, Index, Index, \
                                               Index, cudaStream_t);                                         \
  template void launch_actnorm_conv1x1_inverse(const T*, const T*, const T*, const T*, T*, T*, Index, Index, \
                                               Index, cudaStream_t);                                         \
  template void launch_actnorm_conv1x1_backward(const T*, const T*, const T*, const T*, T*, T*, T*, T*, T*,  \
                                                T*, Index, Index, cudaStream_t);
GLOW_INSTANTIATE(float)
GLOW_INSTANTIATE(double)
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
