// The context beside a layer's own numbers on a GPU. The equation is that of ops/cpu/context.hpp, the kernels
// are in kernels/context.cu.
#pragma once

#include <glow/core/cuda/device.hpp>
#include <glow/ops/channel_range.hpp>
#include <glow/ops/kernels/context.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// joined [..., c + k + e] = [x | context | 1], where x is c channels of a batch and k = place.channels().
template <class T>
void join_context(ChannelRange<const std::type_identity_t<T>, Cuda> x,
                  View<const std::type_identity_t<T>, Cuda> context, const ContextPlace& place,
                  View<T, Cuda> joined) {
  const Index c = x.channels();
  kernels::launch_join_context<T>(c > 0 ? x.data() : nullptr, c > 0 ? x.stride() : 0, c, context.data(),
                                  place, joined.rows(), joined.channels(), joined.data(), cuda::stream());
}

/// dx += ... and d_context += ..., the parts of d_joined [..., c + k + e]; d_context may be empty.
template <class T>
void join_context_backward(View<const std::type_identity_t<T>, Cuda> d_joined, const ContextPlace& place,
                           ChannelRange<T, Cuda> dx, View<std::type_identity_t<T>, Cuda> d_context) {
  const Index channels = d_joined.channels(), c = dx.channels();
  if (c > 0) {
    kernels::launch_add_channels<T>(d_joined.data(), d_joined.rows(), c, channels, dx.data(), dx.stride(),
                                    cuda::stream());
  }
  if (d_context.empty()) return;
  kernels::launch_sum_context<T>(d_joined.data(), c, channels, place, d_joined.batch(), d_context.data(),
                                 cuda::stream());
}

}  // namespace glow::ops
