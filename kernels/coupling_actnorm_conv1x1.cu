// A coupling's affine map, ActNorm and the invertible 1x1 convolution in one pass over x [n, h, w, c], in
// place (=). Given the network's output [mu | a] = bias + the sum of nine neighbours' parts, s = sigmoid(a +
// 2), and with x_a, y_a the first `changed` channels:
//   forward    y = [s x_a + mu | x_b], then x = W ((y + b) exp(log_scale))
//   inverse    y = [(y_a - mu) / s | y_b], then y = (W^-1 y) exp(-log_scale) - b
// Both leave the parts of the forward pass's log-determinant, per image: sums [n,
// coupling_actnorm_conv1x1_sums] = sums of log s, the first of an image with h w sum(log_scale + log_s),
// where log_s is the convolution's. Sources: L. Dinh, J. Sohl-Dickstein, S. Bengio, Density Estimation Using
// Real NVP, ICLR 2017, section 3.2; D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1
// Convolutions, NeurIPS 2018, sections 3.1 and 3.2.
#include <glow/ops/kernels/coupling_actnorm_conv1x1.hpp>
#include <glow/ops/maps/sigmoid_affine.hpp>

#include "actnorm_tile.cuh"
#include "coupling_map.cuh"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {
namespace {

static_assert(map_threads == multipliers, "the same threads do both");

// A block's pixels are a tile of the product: four rounds of them, but enough to be worth the matrix that
// every block reads. They depend on the image alone, and with them the order of all sums.
template <class T>
Cut cut_of(const CouplingShape& s) {
  const Index area = s.h * s.w, in_rounds = pixels_of_rounds(s);
  return {s, product_rows<T>(area < in_rounds ? area : in_rounds, static_cast<unsigned>(s.channels), 1)};
}

template <class T, int N, bool Forward>
__global__ void __launch_bounds__(multipliers)
    coupling_actnorm_conv1x1_kernel(NetworkParts<T> network, const T* __restrict__ bias,
                                    const T* __restrict__ log_scale, const T* __restrict__ packed,
                                    const T* __restrict__ log_s, T* __restrict__ x, CouplingShape s, Cut cut,
                                    T* __restrict__ sums) {
  GLOW_DYN_SHARED(T, tile);
  const unsigned c = static_cast<unsigned>(s.channels), changed = static_cast<unsigned>(s.changed);
  const BlockPixels pixels(s, cut);
  const TileActNorm<Forward, T> actnorm(bias, log_scale, tile + cut.pixels * stride_of(c), c);
  __syncthreads();

  T sum = 0;
  if (blockIdx.x % cut.blocks == 0) {  // the first of an image
    const T area = static_cast<T>(s.h * s.w);
    for (unsigned i = threadIdx.x; i < c; i += multipliers) sum += area * (log_scale[i] + log_s[i]);
  }
  const auto in = [&](T v, unsigned channel) { return Forward ? actnorm(v, channel) : v; };
  const auto out = [&](T v, unsigned channel) { return Forward ? v : actnorm(v, channel); };
  T* const mine = x + pixels.first * c;
  const unsigned rows = static_cast<unsigned>(pixels.last - pixels.first);
  load_tile<N, multipliers>(mine, tile, rows, c, in, changed);
  for_each_output<SigmoidAffine::outputs>(network, s, cut, pixels, [&](Index p, Index i, const T* h) {
    T log;
    const T from = x[p * c + i];
    const T v = Forward ? SigmoidAffine::forward(from, h, log) : SigmoidAffine::inverse(from, h, log);
    tile[(p - pixels.first) * stride_of(c) + i] = in(v, static_cast<unsigned>(i));
    sum += log;
  });
  sum = block_sum<multipliers>(sum);  // which waits until the tile is whole
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
  multiply_tile<N>(packed, tile, mine, rows, c, cut.pixels, out);
}

template <bool Forward, class T>
void launch_map(const char* what, NetworkParts<T> network, const T* bias, const T* log_scale, const T* packed,
                const T* log_s, T* x, CouplingShape s, T* sums, cudaStream_t stream) {
  const Cut cut = cut_of<T>(s);
  const std::size_t elements = (cut.pixels + actnorm_rows) * stride_of(static_cast<unsigned>(s.channels));
  // Vectors may not reach from the channels that change to the others.
  with_width<T>(
      [&](auto width) {
        launch(what, coupling_actnorm_conv1x1_kernel<T, decltype(width)::value, Forward>,
               dim3(blocks_of(s.n * cut.blocks, 1)), dim3(multipliers), elements * sizeof(T), stream, network,
               bias, log_scale, packed, log_s, x, s, cut, sums);
      },
      s.channels | s.changed, x);
}

}  // namespace

template <class T>
Index coupling_actnorm_conv1x1_sums(CouplingShape shape) {
  return cut_of<T>(shape).blocks;
}

template <class T>
void launch_coupling_actnorm_conv1x1_forward(NetworkParts<T> network, const T* bias, const T* log_scale,
                                             const T* packed_weight, const T* log_s, T* x,
                                             CouplingShape shape, T* sums, cudaStream_t stream) {
  launch_map<true>("coupling_actnorm_conv1x1_forward", network, bias, log_scale, packed_weight, log_s, x,
                   shape, sums, stream);
}

template <class T>
void launch_coupling_actnorm_conv1x1_inverse(NetworkParts<T> network, const T* bias, const T* log_scale,
                                             const T* packed_inverse, const T* log_s, T* y,
                                             CouplingShape shape, T* sums, cudaStream_t stream) {
  launch_map<false>("coupling_actnorm_conv1x1_inverse", network, bias, log_scale, packed_inverse, log_s, y,
                    shape, sums, stream);
}

#define GLOW_INSTANTIATE(T)                                                                             \
  template Index coupling_actnorm_conv1x1_sums<T>(CouplingShape);                                       \
  template void launch_coupling_actnorm_conv1x1_forward(NetworkParts<T>, const T*, const T*, const T*,  \
                                                        const T*, T*, CouplingShape, T*, cudaStream_t); \
  template void launch_coupling_actnorm_conv1x1_inverse(NetworkParts<T>, const T*, const T*, const T*,  \
                                                        const T*, T*, CouplingShape, T*, cudaStream_t)
GLOW_INSTANTIATE(float);
GLOW_INSTANTIATE(double);
#undef GLOW_INSTANTIATE

}  // namespace glow::kernels
