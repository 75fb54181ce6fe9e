// The coupling network on a GPU in one kernel a pass, on tensor cores: bf16 operands, float32 sums, hidden
// activations that never leave the multiprocessor. For models in float whose 9c, w and 9o are at most 512.
// Which kernel that is, network_kernel.hpp says.
#pragma once

#include <glow/ops/cuda/network_kernel.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Passes of the network over a chunk of whole images. Weights are bf16.
template <OrCounted<Cuda> D>
struct FusedNetwork : NetworkInParts<float, D> {
  using Rows = NetworkRows<__nv_bfloat16, D>;

  /// The rows of the forward pass, and which hidden units were active.
  struct Trace : Rows {
    Scratch<unsigned, D> masks;
    Trace(Index pixels, Index channels, Index width)
        : Rows(pixels, channels, width), masks(Shape{kernels::network_mask_words(pixels, width)}) {}
  };

  /// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o] for both directions.
  static void pack(View<const float, Cuda> kernel1, View<const float, Cuda> kernel2,
                   View<const float, Cuda> kernel3, float* k1, float* k2, float* k3, float* k1_t, float* k2_t,
                   float* k3_t) {
    const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
    const Index in = taps * c, out = taps * o;
    const kernels::NetworkKernel by = network_kernel();
    const auto pack = [&](View<const float, Cuda> kernel, kernels::KernelShape shape, bool transposed,
                          Index k, Index n,
                          float* to) { pack_network_operand(by, kernel, shape, transposed, k, n, w, to); };
    pack(kernel1, {1, in, w}, false, in, w, k1);
    pack(kernel2, {1, w, w}, false, w, w, k2);
    pack(kernel3, {taps, w, o}, false, w, out, k3);
    pack(kernel3, {taps, w, o}, true, out, w, k3_t);
    pack(kernel2, {1, w, w}, true, w, w, k2_t);
    pack(kernel1, {1, in, w}, true, w, in, k1_t);
  }

  /// Pixels in a chunk: one tile for every multiprocessor where a trace is kept, which the second-level cache
  /// then mostly holds, else some more.
  static Index chunk(bool traced) {
    return kernels::network_tile_pixels(network_kernel()) * device_attribute(cudaDevAttrMultiProcessorCount) *
           (traced ? 1 : 4);
  }

  static Trace trace(const PackedNetwork<float>& net, Index pixels) {
    return {pixels, net.inputs, net.width};
  }

  /// parts [pixels, parts_pitch] = the parts of the output that the pixels of x give to their neighbours.
  static void parts(const PackedNetwork<float>& net, Pixels<const float> x, Index pixels, float* parts) {
    if constexpr (is_counted<D>) return;
    run_network_pass(kernels::NetworkPass::values, there(net, x, pixels, parts));
  }

  /// The same, keeping a trace.
  static void forward(const PackedNetwork<float>& net, Pixels<const float> x, Index pixels, Trace& trace,
                      float* parts) {
    if constexpr (is_counted<D>) return;
    kernels::NetworkOperands operands = there(net, x, pixels, parts);
    keep(operands, trace, trace.masks.data());
    run_network_pass(kernels::NetworkPass::traced, operands);
  }

  /// Pulls dout [pixels, o] back: `d` = the rows of this pass; parts [pixels, parts_pitch] = what the pixels
  /// give to the input's gradient at their (mirrored) neighbours.
  static void backward(const PackedNetwork<float>& net, const Trace& trace, Pixels<const float> dout,
                       Index pixels, Rows& d, float* parts) {
    if constexpr (is_counted<D>) return;
    kernels::NetworkOperands operands =
        operands_of(dout, net.outputs, pixels, net, {net.k3_t, net.k2_t, net.k1_t}, taps * net.inputs, parts);
    keep(operands, d, trace.masks.data());
    run_network_pass(kernels::NetworkPass::backward, operands);
  }

 private:
  struct Weights {
    const float *first, *second, *third;
  };

  static kernels::NetworkOperands there(const PackedNetwork<float>& net, Pixels<const float> x, Index pixels,
                                        float* parts) {
    return operands_of(x, net.inputs, pixels, net, {net.k1, net.k2, net.k3}, taps * net.outputs, parts);
  }

  static kernels::NetworkOperands operands_of(Pixels<const float> source, Index channels, Index pixels,
                                              const PackedNetwork<float>& net, Weights weights, Index out,
                                              float* parts) {
    const auto bf16 = [](const float* p) { return reinterpret_cast<const __nv_bfloat16*>(p); };
    kernels::NetworkOperands o{};
    o.source = source.data;
    o.stride = source.stride;
    o.height = source.height;
    o.width = source.width;
    o.channels = channels;
    o.pixels = pixels;
    o.hidden = net.width;
    o.weights[0] = bf16(weights.first);
    o.weights[1] = bf16(weights.second);
    o.weights[2] = bf16(weights.third);
    o.bias[0] = net.bias1;
    o.bias[1] = net.bias2;
    o.parts = parts;
    o.out = out;
    o.parts_pitch = parts_pitch(net);
    return o;
  }

  static void keep(kernels::NetworkOperands& operands, Rows& rows, unsigned* masks) {
    operands.rows[0] = rows.first.data();
    operands.rows[1] = rows.second.data();
    operands.rows[2] = rows.third.data();
    operands.masks = masks;
  }
};

}  // namespace glow::ops::detail
