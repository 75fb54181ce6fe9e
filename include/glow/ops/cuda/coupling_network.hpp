// The coupling network on a GPU: which of its three forms a network runs in. For bf16, where a tile's
// activations fit the multiprocessor, all in one kernel; else layer by layer, as convolutions of cuDNN or,
// for every type, as gathers and products.
#pragma once

#include <glow/ops/cuda/convolution_network.hpp>
#include <glow/ops/cuda/fused_network.hpp>
#include <glow/ops/cuda/layered_network.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

/// Returns fn(form), where form is the FusedNetwork, ConvolutionNetwork or LayeredNetwork that a network of c
/// inputs, w hidden units and o outputs runs in.
template <class T, OrCounted<Cuda> D, class Fn>
void with_network_form(Precision precision, [[maybe_unused]] Index c, [[maybe_unused]] Index w,
                       [[maybe_unused]] Index o, Fn fn) {
  if constexpr (std::is_same_v<T, float>) {
    if (precision == Precision::bf16 && network_kernel_fits(c, w, o)) return fn(FusedNetwork<D>());
    if (convolution_form<T>(precision, w, o) == cuda::ConvolutionForm::cudnn) {
      if (precision == Precision::bf16) return fn(ConvolutionNetwork<__nv_bfloat16, D>());
      return fn(ConvolutionNetwork<float, D>());
    }
    if (precision == Precision::bf16) return fn(LayeredNetwork<float, __nv_bfloat16, D>());
  }
  fn(LayeredNetwork<T, T, D>());
}
template <OrCounted<Cuda> D, class T, class Fn>
void with_network_form(const PackedNetwork<T>& net, Fn fn) {
  with_network_form<T, D>(net.precision, net.inputs, net.width, net.outputs, fn);
}

}  // namespace detail

/// Packs kernel1 [3, 3, c, w], kernel2 [w, w] and kernel3 [3, 3, w, o] for both directions. Throws Error for
/// a precision that the model's type does not have.
template <class T, OrCounted<Cuda> D>
void network_pack(Precision precision, View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel1,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel2,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel3, View<T, D> k1,
                  View<T, D> k2, View<T, D> k3, View<T, D> k1_t, View<T, D> k2_t, View<T, D> k3_t) {
  require(precision == Precision::full || std::is_same_v<T, float>, "precision: ", precision,
          " is for models in float; use full");
  const Index c = kernel1.shape()[2], w = kernel1.shape()[3], o = kernel3.shape()[3];
  detail::with_network_form<T, D>(precision, c, w, o, [&](auto form) {
    if constexpr (!is_counted<D>) {
      form.pack(kernel1, kernel2, kernel3, k1.data(), k2.data(), k3.data(), k1_t.data(), k2_t.data(),
                k3_t.data());
    }
  });
}

}  // namespace glow::ops
