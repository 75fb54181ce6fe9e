// Between the matrix products of a coupling network:
//   repeat_bias     y[r, c] = bias[c]                   =
//   bias_relu       h = max(x + bias, 0)                =
//   where_active    d = x where h > 0, else 0           =   the pull-back through ReLU
//   column sums     sum[c] += sum over r of x[r, c]    +=   of biases' gradients; in parts, in a fixed order
#include <glow/ops/kernels/network_layers.hpp>

#include "columns.cuh"
#include "gather.cuh"
#include "lanes.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

// Calls fn(c, position) for every element of the matrix that is the calling thread's.
template <class F>
__device__ __forceinline__ void for_each_column(Index rows, Index columns, Index pitch, unsigned lanes,
                                                F fn) {
  const Index r = Index{blockIdx.x} * (256 / lanes) + threadIdx.x / lanes;
  if (r >= rows) return;
  for (Index c = threadIdx.x % lanes; c < columns; c += lanes) fn(c, r * pitch + c);
}

template <class T>
__global__ void __launch_bounds__(256) repeat_bias_kernel(const T* __restrict__ bias, T* y, Index rows,
                                                          Index columns, Index pitch, unsigned lanes) {
  for_each_column(rows, columns, pitch, lanes, [&](Index c, Index at) { y[at] = bias[c]; });
}

template <class T, class E>
__global__ void __launch_bounds__(256)
    bias_relu_kernel(const T* x, const T* __restrict__ bias, E* h, Index rows, Index columns, Index pitch,
                     unsigned lanes) {
  for_each_column(rows, columns, pitch, lanes, [&](Index c, Index at) {
    const T v = x[at] + bias[c];
    h[at] = convert<E>(v < T(0) ? T(0) : v);
  });
}

template <class T, class E>
__global__ void __launch_bounds__(256)
    where_active_kernel(const T* x, const E* __restrict__ h, E* d, Index rows, Index columns, Index pitch,
                        unsigned lanes) {
  for_each_column(rows, columns, pitch, lanes, [&](Index, Index at) {
    d[at] = static_cast<T>(h[at]) > T(0) ? convert<E>(x[at]) : convert<E>(T(0));
  });
}

constexpr Index most_sum_parts = 64;
constexpr int sum_columns = 32;
constexpr int sum_rows = 8;

// A block takes 32 columns of a part of the rows, a thread every eighth of these.
template <class T, class E>
__global__ void __launch_bounds__(256) column_sums_kernel(const E* __restrict__ x, Index rows, Index columns,
                                                          Index pitch, T* __restrict__ part) {
  GLOW_SHARED(T, of_thread, [sum_rows][sum_columns]);
  const int lane = static_cast<int>(threadIdx.x) % sum_columns,
            row = static_cast<int>(threadIdx.x) / sum_columns;
  const Index column = Index{blockIdx.x} * sum_columns + lane;
  const Index each = (rows + gridDim.y - 1) / gridDim.y, first = blockIdx.y * each;
  const Index last = first + each < rows ? first + each : rows;
  T sum = 0;
  if (column < columns) {
    for (Index r = first + row; r < last; r += sum_rows) sum += static_cast<T>(x[r * pitch + column]);
  }
  of_thread[row][lane] = sum;
  __syncthreads();
  if (row > 0 || column >= columns) return;
  for (int r = 1; r < sum_rows; ++r) sum += of_thread[r][lane];
  part[blockIdx.y * columns + column] = sum;
}

}  // namespace

template <class T>
void launch_repeat_bias(const T* bias, T* y, Index rows, Index columns, Index pitch, cudaStream_t stream) {
  if (rows == 0) return;
  const unsigned lanes = lanes_for(columns);
  launch("repeat_bias", repeat_bias_kernel<T>, dim3(blocks_of(rows, 256 / lanes)), dim3(256), 0, stream, bias,
         y, rows, columns, pitch, lanes);
}

template <class T, class E>
void launch_bias_relu(const T* x, const T* bias, E* h, Index rows, Index columns, Index pitch,
                      cudaStream_t stream) {
  if (rows == 0) return;
  const unsigned lanes = lanes_for(columns);
  launch("bias_relu", bias_relu_kernel<T, E>, dim3(blocks_of(rows, 256 / lanes)), dim3(256), 0, stream, x,
         bias, h, rows, columns, pitch, lanes);
}

template <class T, class E>
void launch_where_active(const T* x, const E* h, E* d, Index rows, Index columns, Index pitch,
                         cudaStream_t stream) {
  if (rows == 0) return;
  const unsigned lanes = lanes_for(columns);
  launch("where_active", where_active_kernel<T, E>, dim3(blocks_of(rows, 256 / lanes)), dim3(256), 0, stream,
         x, h, d, rows, columns, pitch, lanes);
}

Index column_sum_parts(Index rows) {
  const Index parts = (rows + 4 * sum_rows - 1) / (4 * sum_rows);
  return parts < most_sum_parts ? parts : most_sum_parts;
}

template <class T, class E>
void launch_add_column_sums(const E* x, Index rows, Index columns, Index pitch, T* part, T* sum,
                            cudaStream_t stream) {
  if (rows == 0) return;
  const Index parts = column_sum_parts(rows);
  launch("column_sums", column_sums_kernel<T, E>, dim3(blocks_of(columns, sum_columns), blocks_of(parts, 1)),
         dim3(256), 0, stream, x, rows, columns, pitch, part);
  launch_sum_parts<1>("column_sums", static_cast<const T*>(part), parts, columns, AddTo<T>{sum}, stream);
}

#define GLOW_INSTANTIATE(T, E)                                                                  \
  template void launch_bias_relu(const T*, const T*, E*, Index, Index, Index, cudaStream_t);    \
  template void launch_where_active(const T*, const E*, E*, Index, Index, Index, cudaStream_t); \
  template void launch_add_column_sums(const E*, Index, Index, Index, T*, T*, cudaStream_t)
GLOW_INSTANTIATE(float, float);
GLOW_INSTANTIATE(float, __nv_bfloat16);
GLOW_INSTANTIATE(double, double);
#undef GLOW_INSTANTIATE
template void launch_repeat_bias(const float*, float*, Index, Index, Index, cudaStream_t);
template void launch_repeat_bias(const double*, double*, Index, Index, Index, cudaStream_t);

}  // namespace glow::kernels
