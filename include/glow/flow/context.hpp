// Context: what the samples of a batch are conditional on, as users give it and as layers read it.
#pragma once

#include <optional>
#include <string_view>

#include <glow/core/arena.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a model's densities and samples are conditional on, for each sample of a batch: nothing, or what the
/// model's Architecture says.
template <class T, class D = Cpu>
struct Context {
  View<const Index, D> labels = {};  ///< [N], of 0 ... classes - 1; see Model::labels
  View<const T, D> features = {};    ///< [N, E] or images [N, H, W, E]
  View<T, D> d_features = {};  ///< in the backward pass: += the gradient of the features; empty if unwanted

  /// The context of samples first ... first + count - 1.
  Context samples(Index first, Index count) const {
    const auto of = [&](auto x) { return x.empty() ? x : x.samples(first, count); };
    return {of(labels), of(features), of(d_features)};
  }
};

/// Throws ShapeError, naming the verb of a model, unless the context of n samples is what the net takes.
template <class T, class D, class Net>
void check_context(const Net& net, std::string_view verb, const Context<T, D>& context, Index n) {
  const Shape& labels = context.labels.shape();
  const Shape& features = context.features.shape();
  if (net.labels()) {
    require<ShapeError>(!context.labels.empty(), "Model::", verb, ": a label for each of ", n,
                        " samples is needed, and there are none");
    require<ShapeError>(labels == Shape{n}, "Model::", verb, ": labels ", labels, " for ", n, " samples");
    require<ShapeError>(context.features.empty(), "Model::", verb, ": features ", features,
                        " for a model whose context is a label");
    return;
  }
  require<ShapeError>(context.labels.empty(), "Model::", verb, ": labels ", labels,
                      " for a model without classes");
  const Shape& one = net.context();
  if (one.rank() == 0) {
    require<ShapeError>(context.features.empty(), "Model::", verb, ": features ", features,
                        " for a model without a context");
    return;
  }
  const Shape right = one.samples(n);
  require<ShapeError>(!context.features.empty(), "Model::", verb, ": features ", right,
                      " are needed, and there are none");
  require<ShapeError>(features == right, "Model::", verb, ": features ", features, " must be ", right);
  require<ShapeError>(context.d_features.empty() || context.d_features.shape() == right, "Model::", verb,
                      ": d_features ", context.d_features.shape(), " must be ", right, ", or empty");
}

/// What layers read of a batch's context: its features, or the embeddings of its labels; empty for none.
template <class T, class D>
class ContextFeatures {
 public:
  /// Checks the context, see check_context. `backward`: with the gradient of the embeddings, zero at first.
  template <class Net, class Params>
  ContextFeatures(const Net& net, const Params& params, std::string_view verb, const Context<T, D>& context,
                  Index n, bool backward = false)
      : values_(context.features), gradient_(context.d_features) {
    check_context(net, verb, context, n);
    if (!net.labels()) return;
    const Shape shape{n, net.context()[0]};
    net.labels()->forward(params.labels[0], context.labels, embedded_.emplace(shape).view());
    values_ = *embedded_;
    if (!backward) return;
    clear(d_embedded_.emplace(shape).view());
    gradient_ = *d_embedded_;
  }

  /// [N, E] or [N, H, W, E]
  View<const T, D> values() const { return values_; }
  /// Of the same shape; may be empty.
  View<T, D> gradient() const { return gradient_; }

 private:
  View<const T, D> values_;
  View<T, D> gradient_;
  std::optional<Scratch<T, D>> embedded_, d_embedded_;
};

}  // namespace glow
