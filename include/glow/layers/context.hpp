// The context of a layer: what its samples are conditional on. The layer's network or prior reads it beside
// its own numbers.
#pragma once

#include <optional>
#include <string_view>

#include <glow/core/arena.hpp>
#include <glow/layers/pass.hpp>
#include <glow/ops/cpu/context.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Channels that a context of shape [E] or [H, W, E] for each sample adds to what a layer reads at every
/// position of x [N, H, W, C] or [N, D]; 0 for no context, which has rank 0.
inline Index context_channels(const Shape& context, const Shape& x) {
  if (context.rank() == 0) return 0;
  return ops::context_place(context.samples(1), x).channels();
}

/// [x | context | 1] at every position, in memory of its own, for a layer that was declared with a context or
/// an edge channel; nothing for others.
template <class T, class D>
class JoinedContext {
 public:
  /// `x`: the c channels that `layer` reads of a batch of shape `batch`; `context`: of one sample, as
  /// context_channels takes it; `backward`: with memory for the gradient; `edge`: with a channel of ones.
  /// Throws ShapeError, naming the layer, if the pass does not have this context.
  JoinedContext(std::string_view layer, const Shape& context, ops::ChannelRange<const T, D> x, Index c,
                const Shape& batch, const Pass<T, D>& pass, bool backward = false, bool edge = false) {
    const bool has_context = context.rank() > 0;
    if (!has_context && !edge) return;
    const Shape expected = has_context ? context.samples(batch[0]) : Shape{batch[0], 0};
    require<ShapeError>(!has_context || !pass.context.empty(), layer, ": a context ", expected,
                        " is needed, but none given");
    require<ShapeError>(!has_context || pass.context.shape() == expected, layer, ": context ",
                        pass.context.shape(), " must be ", expected);
    place_ = ops::context_place(expected, batch);
    const Shape shape = batch.with_back(c + place_.channels() + edge);
    joined_.emplace(shape);
    join_context(x, has_context ? pass.context : View<const T, D>(), place_, joined_->view());
    if (!backward) return;
    d_joined_.emplace(shape);
    clear(d_joined_->view());
  }

  /// [N, ..., c + k + edge] and its gradient, zero at first; empty where there are none.
  View<T, D> values() const { return view(joined_); }
  View<T, D> gradient() const { return view(d_joined_); }

  /// Hands the gradient on: dx += the first c channels, pass.d_context += the context's.
  void pull_back(ops::ChannelRange<T, D> dx, const Pass<T, D>& pass) const {
    if (d_joined_) join_context_backward(View<const T, D>(gradient()), place_, dx, pass.d_context);
  }

 private:
  static View<T, D> view(const std::optional<Scratch<T, D>>& memory) {
    return memory ? memory->view() : View<T, D>();
  }

  ops::ContextPlace place_;
  std::optional<Scratch<T, D>> joined_, d_joined_;
};

}  // namespace glow
