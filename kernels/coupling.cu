// Affine coupling of x [n, h, w, channels], channel i < changed of every pixel, given the network's output
// [mu | a] = bias + the sum of nine neighbours' parts; s = sigmoid(a + 2):
//   forward    y = s x + mu                                  x  =   log-scales are summed per image:
//   inverse    x = (y - mu) / s                              y  =   sums [n, coupling_sums] =
//   backward   x as above, dx = s dy                         y, dy, dout =
//              dmu = dy, da = (dy s x + dlogdet) (1 - s)
// Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.2.
#include <glow/kernels/coupling.hpp>
#include <glow/ops/affine_scale.hpp>
#include <glow/ops/neighbours.hpp>

#include "blocks.cuh"
#include "lanes.cuh"

namespace glow::kernels {
namespace {

using ops::AffineScale;

constexpr unsigned rounds = 4;  // pixels that a thread takes one after another

// Which pixels of an image a block takes: `lanes` threads side by side on the channels of each.
struct Cut {
  unsigned lanes, pixels;
  Index blocks;  // an image

  explicit Cut(CouplingShape s)
      : lanes(lanes_for(s.changed)),
        pixels(256 / lanes * rounds),
        blocks((s.h * s.w + pixels - 1) / pixels) {}
};

// Calls fn(pixel counted through the batch, channel, mu, a) for all elements of the calling thread.
template <class T, class F>
__device__ __forceinline__ void for_each_output(const NetworkParts<T>& network, const CouplingShape& s,
                                                Cut cut, F fn) {
  const Index image = blockIdx.x / cut.blocks, area = s.h * s.w;
  const Index first = blockIdx.x % cut.blocks * cut.pixels + threadIdx.x / cut.lanes;
  for (unsigned round = 0; round < rounds; ++round) {
    const Index in_image = first + round * (256 / cut.lanes);
    if (in_image >= area) break;
    const Index p = image * area + in_image;
    for (Index i = threadIdx.x % cut.lanes; i < s.changed; i += cut.lanes) {
      T mu = network.bias[i], a = network.bias[s.changed + i];
      ops::detail::for_each_neighbour(s.h, s.w, ops::Taps::same, p, [&](Index tap, Index neighbour) {
        const T* part = network.parts + neighbour * network.pitch + tap * 2 * s.changed + i;
        mu += part[0];
        a += part[s.changed];
      });
      fn(p, i, mu, a);
    }
  }
}

template <class T, bool Forward>
__global__ void __launch_bounds__(256) coupling_kernel(NetworkParts<T> network, T* __restrict__ x,
                                                       CouplingShape s, Cut cut, T* __restrict__ sums) {
  T sum = 0;
  for_each_output(network, s, cut, [&](Index p, Index i, T mu, T a) {
    const AffineScale<T> scale(a);
    T& v = x[p * s.channels + i];
    v = Forward ? v / scale.inverse + mu : (v - mu) * scale.inverse;
    sum += scale.log_scale;
  });
  sum = block_sum<256>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

template <class T>
__global__ void __launch_bounds__(256)
    coupling_backward_kernel(NetworkParts<T> network, const T* __restrict__ dlogdet, T* __restrict__ y,
                             T* __restrict__ dy, T* __restrict__ dout, CouplingShape s, Cut cut) {
  const T d_log = dlogdet != nullptr ? dlogdet[blockIdx.x / cut.blocks] : T(0);
  for_each_output(network, s, cut, [&](Index p, Index i, T mu, T a) {
    const AffineScale<T> scale(a);
    T& v = y[p * s.channels + i];
    T& dv = dy[p * s.channels + i];
    T* d = dout + p * 2 * s.changed + i;
    v = (v - mu) * scale.inverse;
    d[0] = dv;
    dv /= scale.inverse;
    // d sigmoid / da = sigmoid (1 - sigmoid), d log sigmoid / da = 1 - sigmoid
    d[s.changed] = (dv * v + d_log) * (T(1) - T(1) / scale.inverse);
  });
}

template <class T, bool Forward>
void launch_map(const char* what, NetworkParts<T> network, T* x, CouplingShape s, T* sums,
                cudaStream_t stream) {
  const Cut cut(s);
  launch(what, coupling_kernel<T, Forward>, dim3(blocks_of(s.n * cut.blocks, 1)), dim3(256), 0, stream,
         network, x, s, cut, sums);
}

}  // namespace

Index coupling_sums(CouplingShape shape) { return Cut(shape).blocks; }

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
  const Cut cut(shape);
  launch("coupling_backward", coupling_backward_kernel<T>, dim3(blocks_of(shape.n * cut.blocks, 1)),
         dim3(256), 0, stream, network, dlogdet, y, dy, dout, shape, cut);
}

#define GLOW_INSTANTIATE(T)                                                                    \
  template void launch_coupling_forward(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_inverse(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_backward(NetworkParts<T>, const T*, T*, T*, T*, CouplingShape, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
