// Coupling of x [n, h, w, channels], `changed` channels of every pixel, given the network's output h = bias +
// the sum of nine neighbours' parts:
//   forward    y = map(x; h)                                 x  =   log-scales are summed per image:
//   inverse    x = the map's inverse                         y  =   sums [n, coupling_sums] =
//   backward   x as above, dx and dh by the map's pull       y, dy, dout =
// The maps are in ops/maps. Source: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using Real NVP,
// ICLR 2017, section 3.2.
#include <glow/ops/kernels/coupling.hpp>
#include <glow/ops/maps/additive.hpp>
#include <glow/ops/maps/exp_affine.hpp>
#include <glow/ops/maps/rational_quadratic.hpp>
#include <glow/ops/maps/shifted_affine.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

#include "blocks.cuh"
#include "coupling_map.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

Cut cut_of(const CouplingShape& s) { return {s, pixels_of_rounds(s)}; }

template <class Map, bool Forward, class T>
__global__ void __launch_bounds__(map_threads, least_blocks<Map>)
    coupling_kernel(NetworkParts<T> network, T* __restrict__ x, CouplingShape s, Cut cut,
                    T* __restrict__ sums) {
  const BlockPixels pixels(s, cut);
  T sum = 0;
  for_each_output<Map::outputs>(network, s, cut, pixels, [&](Index p, Index i, const T* h) {
    T log;
    T& v = x[p * s.channels + i];
    v = Forward ? Map::forward(v, h, log) : Map::inverse(v, h, log);
    sum += log;
  });
  sum = block_sum<map_threads>(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

template <class Map, class T>
__global__ void __launch_bounds__(map_threads, least_blocks<Map>)
    coupling_backward_kernel(NetworkParts<T> network, const T* __restrict__ dlogdet, T* __restrict__ y,
                             T* __restrict__ dy, T* __restrict__ dout, CouplingShape s, Cut cut) {
  const BlockPixels pixels(s, cut);
  const T d_log = dlogdet != nullptr ? dlogdet[pixels.image] : T(0);
  for_each_output<Map::outputs>(network, s, cut, pixels, [&](Index p, Index i, const T* h) {
    T log;
    T& v = y[p * s.channels + i];
    T& dv = dy[p * s.channels + i];
    v = Map::inverse(v, h, log);
    dv = Map::pull(v, dv, d_log, h, Strided<T>{dout + p * Map::outputs * s.changed + i, s.changed});
  });
}

template <class Map, bool Forward, class T>
void launch_map(const char* what, NetworkParts<T> network, T* x, CouplingShape s, T* sums,
                cudaStream_t stream) {
  const Cut cut = cut_of(s);
  launch(what, coupling_kernel<Map, Forward, T>, dim3(blocks_of(s.n * cut.blocks, 1)), dim3(map_threads), 0,
         stream, network, x, s, cut, sums);
}

}  // namespace

Index coupling_sums(CouplingShape shape) { return cut_of(shape).blocks; }

template <class Map, class T>
void launch_coupling_forward(NetworkParts<T> network, T* x, CouplingShape shape, T* sums,
                             cudaStream_t stream) {
  launch_map<Map, true>("coupling_forward", network, x, shape, sums, stream);
}

template <class Map, class T>
void launch_coupling_inverse(NetworkParts<T> network, T* y, CouplingShape shape, T* sums,
                             cudaStream_t stream) {
  launch_map<Map, false>("coupling_inverse", network, y, shape, sums, stream);
}

template <class Map, class T>
void launch_coupling_backward(NetworkParts<T> network, const T* dlogdet, T* y, T* dy, T* dout,
                              CouplingShape shape, cudaStream_t stream) {
  const Cut cut = cut_of(shape);
  launch("coupling_backward", coupling_backward_kernel<Map, T>, dim3(blocks_of(shape.n * cut.blocks, 1)),
         dim3(map_threads), 0, stream, network, dlogdet, y, dy, dout, shape, cut);
}

#define GLOW_INSTANTIATE(Map, T)                                                                    \
  template void launch_coupling_forward<Map>(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_inverse<Map>(NetworkParts<T>, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_backward<Map>(NetworkParts<T>, const T*, T*, T*, T*, CouplingShape, \
                                              cudaStream_t)
#define GLOW_INSTANTIATE_MAP(Map) \
  GLOW_INSTANTIATE(Map, float);   \
  GLOW_INSTANTIATE(Map, double)
GLOW_INSTANTIATE_MAP(SigmoidAffine);
GLOW_INSTANTIATE_MAP(Additive);
GLOW_INSTANTIATE_MAP(ExpAffine);
GLOW_INSTANTIATE_MAP(RationalQuadratic<8>);
GLOW_INSTANTIATE_MAP(ShiftedAffine);
#undef GLOW_INSTANTIATE_MAP
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
