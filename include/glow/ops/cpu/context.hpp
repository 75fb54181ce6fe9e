// The context beside a layer's own numbers: [x | context] at every pixel, and its pull-back.
#pragma once

#include <algorithm>

#include <glow/core/parallel.hpp>
#include <glow/ops/channel_range.hpp>
#include <glow/ops/context_place.hpp>
#include <glow/ops/cpu/rows.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// joined [..., c + k + e] = [x | context | 1], where x is c channels of a batch and k = place.channels().
template <class T>
void join_context(ChannelRange<const std::type_identity_t<T>, Cpu> x,
                  View<const std::type_identity_t<T>, Cpu> context, const ContextPlace& place,
                  View<T, Cpu> joined) {
  const Index k = place.channels(), c = x.channels(), all = joined.channels();
  parallel_ranges(joined.rows(), rows_per_task, [&](Index first, Index last) {
    for (Index p = first; p < last; ++p) {
      T* to = joined.data() + p * all;
      if (c > 0) std::copy_n(x.data() + p * x.stride(), c, to);
      for (Index i = 0; i < k; ++i) to[c + i] = context[place(p, i)];
      std::fill(to + c + k, to + all, T(1));
    }
  });
}

/// dx += ... and d_context += ..., the parts of d_joined [..., c + k + e]; d_context may be empty.
template <class T>
void join_context_backward(View<const std::type_identity_t<T>, Cpu> d_joined, const ContextPlace& place,
                           ChannelRange<T, Cpu> dx, View<std::type_identity_t<T>, Cpu> d_context) {
  const Index k = place.channels(), c = dx.channels(), pixels = place.x_height * place.x_width;
  parallel_ranges(d_joined.batch(), 1, [&](Index first, Index last) {
    for (Index p = first * pixels; p < last * pixels; ++p) {
      const T* from = d_joined.data() + p * d_joined.channels();
      for (Index i = 0; i < c; ++i) dx.data()[p * dx.stride() + i] += from[i];
      if (d_context.empty()) continue;
      for (Index i = 0; i < k; ++i) d_context[place(p, i)] += from[c + i];
    }
  });
}

}  // namespace glow::ops
