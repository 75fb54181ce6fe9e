// A coupling with the ActNorm and the 1x1 convolution that follow it, or in the inverse precede it, in one
// pass over a GPU's memory after the network. The kernels are in kernels/coupling_actnorm_conv1x1.cu.
#pragma once

#include <glow/ops/cuda/coupling.hpp>
#include <glow/ops/kernels/coupling_actnorm_conv1x1.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x [N, H, W, C] -> y = W ((x' + b) exp(log_scale)) in place, where x' is what coupling_forward makes of x
/// and `input`;
/// logdet[n] += the coupling's and H W sum(log_scale + log_s) unless logdet is empty.
template <class T>
void coupling_actnorm_conv1x1_forward(const PackedNetwork<T>& net, View<T, Cuda> bias,
                                      View<T, Cuda> log_scale, View<T, Cuda> packed_weight,
                                      View<T, Cuda> log_s, View<T, Cuda> x, View<T, Cuda> logdet,
                                      const NetworkInputOf<T, Cuda>& input = {}) {
  detail::coupling_map(net, x, logdet, T(1), Condition::on_second_half, input,
                       kernels::coupling_actnorm_conv1x1_sums<T>,
                       [&](const auto& network, T* at, const auto& shape, T* sums) {
                         kernels::launch_coupling_actnorm_conv1x1_forward<T>(
                             network, bias.data(), log_scale.data(), packed_weight.data(), log_s.data(), at,
                             shape, sums, cuda::stream());
                       });
}

/// y [N, H, W, C] -> x = (W^-1 y') exp(-log_scale) - b in place, where y' is what coupling_inverse makes of
/// y and `input`; logdet[n] -= the coupling's and H W sum(log_scale + log_s) unless logdet is empty.
template <class T>
void coupling_actnorm_conv1x1_inverse(const PackedNetwork<T>& net, View<T, Cuda> bias,
                                      View<T, Cuda> log_scale, View<T, Cuda> packed_inverse,
                                      View<T, Cuda> log_s, View<T, Cuda> y, View<T, Cuda> logdet,
                                      const NetworkInputOf<T, Cuda>& input = {}) {
  detail::coupling_map(net, y, logdet, T(-1), Condition::on_second_half, input,
                       kernels::coupling_actnorm_conv1x1_sums<T>,
                       [&](const auto& network, T* at, const auto& shape, T* sums) {
                         kernels::launch_coupling_actnorm_conv1x1_inverse<T>(
                             network, bias.data(), log_scale.data(), packed_inverse.data(), log_s.data(), at,
                             shape, sums, cuda::stream());
                       });
}

}  // namespace glow::ops
