// Affine coupling of x [n, h, w, channels], channel i < changed of every pixel, given the network's output
// [mu | a] = bias + the sum of nine neighbours' parts; s = sigmoid(a + 2):
//   forward    y = s x + mu                                  x  =   log-scales are summed per image:
//   inverse    x = (y - mu) / s                              y  =   sums [n, coupling_sums] =
//   backward   x as above, dx = s dy                         y, dy, dout =
//              dmu = dy, da = (dy s x + dlogdet) (1 - s)
// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.2.
#include <glow/ops/kernels/coupling.hpp>

#include "affine_map.cuh"
#include "blocks.cuh"

namespace glow::kernels {
namespace {

Cut cut_of(const CouplingShape& s) { return {s, pixels_of_rounds(s)}; }

template <class T, bool Forward>
__global__ void __launch_bounds__(map_threads)
    coupling_kernel(NetworkParts<T> network, T* __restrict__ x, CouplingShape s, Cut cut,
                    T* __restrict__ sums) {
  const BlockPixels pixels(s, cut);
  T sum = 0;
  for_each_output(network, s, cut, pixels, [&](Index p, Index i, T mu, T a) {
    const AffineScale<T> scale(a);
    T& v = x[p * s.channels + i];
    v = affine_map<Forward>(scale, mu, v);
    sum += scale.log_scale;
  });
  sum = block_sum<map_threads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

template <class T>
__global__ void __launch_bounds__(map_threads)
    coupling_backward_kernel(NetworkParts<T> network, const T* __restrict__ dlogdet, T* __restrict__ y,
                             T* __restrict__ dy, T* __restrict__ dout, CouplingShape s, Cut cut) {
  const BlockPixels pixels(s, cut);
  const T d_log = dlogdet != nullptr ? dlogdet[pixels.image] : T(0);
  for_each_output(network, s, cut, pixels, [&](Index p, Index i, T mu, T a) {
    const AffineScale<T> scale(a);
    T& v = y[p * s.channels + i];
    T& dv = dy[p * s.channels + i];
    T* d = dout + p * 2 * s.changed + i;
    const T sigmoid = T(1) / scale.inverse;
    v = affine_map<false>(scale, mu, v);
    d[0] = dv;
    dv *= sigmoid;
    // d sigmoid / da = sigmoid (1 - sigmoid), d log sigmoid / da = 1 - sigmoid
    d[s.changed] = (dv * v + d_log) * (T(1) - sigmoid);
  });
}

template <class T, bool Forward>
void launch_map(const char* what, NetworkParts<T> network, T* x, CouplingShape s, T* sums,
                cudaStream_t stream) {
  const Cut cut = cut_of(s);
  launch(what, coupling_kernel<T, Forward>, dim3(blocks_of(s.n * cut.blocks, 1)), dim3(map_threads), 0,
         stream, network, x, s, cut, sums);
}

}  // namespace

Index coupling_sums(CouplingShape shape) { return cut_of(shape).blocks; }

template <class T>
void launch_coupling_forward(NetworkParts<T> network, T* x, CouplingShape shape, T* sums,
                             cudaStream_t stream) {
  launch_map<T, true>("coupling_forward", network, x, shape, sums, stream);
}

template <class T>
void launch_coupling_inverse(NetworkParts<T> network, T* y, CouplingShape shape, T* sums,
                             cudaStream_t stream) {
  launch_map<T, false>("coupling_inverse", network, y, shape, sums, stream);
}

template <class T>
void launch_coupling_backward(NetworkParts<T> network, const T* dlogdet, T* y, T* dy, T* dout,
                              CouplingShape shape, cudaStream_t stream) {
  const Cut cut = cut_of(shape);
  launch("coupling_backward", coupling_backward_kernel<T>, dim3(blocks_of(shape.n * cut.blocks, 1)),
         dim3(map_threads), 0, stream, network, dlogdet, y, dy, dout, shape, cut);
}

#define GLOW_INSTANTIATE(T)                                                                    \
  template void launch_coupling_forward(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_inverse(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_backward(NetworkParts<T>, const T*, T*, T*, T*, CouplingShape, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
