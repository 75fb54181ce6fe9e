// The coupling network on a GPU layer by layer: kernels of gather and activation around products of cuBLAS.
// For every type, precision and size. The kernels are in kernels/neighbours.cu and network_layers.cu.
#pragma once

#include <glow/ops/cuda/chunks.hpp>
#include <glow/ops/cuda/network_rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Passes of the network with operands of E (T, or bf16 for T = float) over a chunk of whole images. Weights
/// are rows of E: k1 [9c, w], k2 [w, w], k3 [w, 9o], `vectors(n)` elements apart for n columns.
template <class T, class E, OrCounted<Cuda> D>
struct LayeredNetwork : NetworkInParts<T, D> {
  using Rows = NetworkRows<E, D>;
  using Trace = NetworkRows<E, D>;

  static constexpr Index vectors(Index n) { return round_up(n, 8); }

  /// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o]; the transposes are the same memory.
  static void pack(View<const T, Cuda> kernel1, View<const T, Cuda> kernel2, View<const T, Cuda> kernel3,
                   T* k1, T* k2, T* k3, T*, T*, T*) {
    const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
    const auto rows = [](const T* kernel, kernels::KernelShape shape, T* to) {
      kernels::launch_pack_rows(kernel, shape, reinterpret_cast<E*>(to), vectors(shape.taps * shape.out),
                                cuda::stream());
    };
    rows(kernel1.data(), {1, taps * c, w}, k1);
    rows(kernel2.data(), {1, w, w}, k2);
    rows(kernel3.data(), {taps, w, o}, k3);
  }

  /// Pixels in a chunk.
  static Index chunk(bool) { return chunk_pixels; }

  static Trace trace(const PackedNetwork<T>& net, Index pixels) { return {pixels, net.inputs, net.width}; }

  /// parts [pixels, parts_pitch] = the parts of the output that the pixels of x give to their neighbours.
  static void parts(const PackedNetwork<T>& net, Pixels<const T> x, Index pixels, T* parts) {
    Trace dropped = trace(net, pixels);
    forward(net, x, pixels, dropped, parts);
  }

  /// The same, keeping the rows in `trace`.
  static void forward(const PackedNetwork<T>& net, Pixels<const T> x, Index pixels, Trace& trace, T* parts) {
    const Index w = net.width;
    const Hidden hidden(net, pixels);
    if constexpr (is_counted<D>) return;
    kernels::launch_gather_neighbours(x.data, x.stride, x.height, x.width, net.inputs, Taps::same, pixels,
                                      trace.first.data(), trace.pitch1, cuda::stream());
    const auto layer = [&](Operand<E> in, Index k, const T* weights, const T* bias, E* out) {
      T* sum = hidden.sums(out);
      gemm<E, T>(net.precision, pixels, w, k, in, operand(weights, w), 0, sum, trace.pitch);
      kernels::launch_bias_relu(sum, bias, out, pixels, w, trace.pitch, cuda::stream());
    };
    layer({trace.first.data(), trace.pitch1}, taps * net.inputs, net.k1, net.bias1, trace.second.data());
    layer({trace.second.data(), trace.pitch}, w, net.k2, net.bias2, trace.third.data());
    gemm<E, T>(net.precision, pixels, taps * net.outputs, w, {trace.third.data(), trace.pitch},
               operand(net.k3, taps * net.outputs), 0, parts, parts_pitch(net));
  }

  /// Pulls dout [pixels, o] back: `d` = the rows of this pass; parts [pixels, parts_pitch] = what the pixels
  /// give to the input's gradient at their (mirrored) neighbours.
  static void backward(const PackedNetwork<T>& net, const Trace& trace, Pixels<const T> dout, Index pixels,
                       Rows& d, T* parts) {
    const Index w = net.width, out = taps * net.outputs;
    const Hidden hidden(net, pixels);
    if constexpr (is_counted<D>) return;
    kernels::launch_gather_neighbours(dout.data, dout.stride, dout.height, dout.width, net.outputs,
                                      Taps::mirrored, pixels, d.first.data(), d.pitch1, cuda::stream());
    const auto layer = [&](Operand<E> in, Index k, Operand<E> weights, const E* active, E* to) {
      T* sum = hidden.sums(to);
      gemm<E, T>(net.precision, pixels, w, k, in, weights, 0, sum, d.pitch);
      kernels::launch_where_active(sum, active, to, pixels, w, d.pitch, cuda::stream());
    };
    layer({d.first.data(), d.pitch1}, out, transposed(net.k3, out), trace.third.data(), d.second.data());
    layer({d.second.data(), d.pitch}, w, transposed(net.k2, w), trace.second.data(), d.third.data());
    gemm<E, T>(net.precision, pixels, taps * net.inputs, w, {d.third.data(), d.pitch}, transposed(net.k1, w),
               0, parts, parts_pitch(net));
  }

 private:
  // Sums of T between a product and its activation: in place if that is of T too.
  struct Hidden {
    static constexpr bool in_place = std::is_same_v<T, E>;
    Scratch<T, D> own;
    Hidden(const PackedNetwork<T>& net, Index pixels)
        : own(Shape{in_place ? 0 : tiled(pixels), row_pitch(net.width)}) {}
    T* sums(E* out) const {
      if constexpr (in_place) {
        return out;
      } else {
        return own.data();
      }
    }
  };

  static Operand<E> operand(const T* weights, Index columns) {
    return {reinterpret_cast<const E*>(weights), vectors(columns)};
  }
  static Operand<E> transposed(const T* weights, Index columns) {
    return {reinterpret_cast<const E*>(weights), vectors(columns), true};
  }
};

}  // namespace glow::ops::detail
