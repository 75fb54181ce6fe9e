// A convolution of a ConvNet as it is packed: what its options add is folded into its kernel and bias.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/layers/net_convolution.hpp>
#include <glow/ops/cpu/actnorm.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/pointwise.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What is folded into a convolution (x * kernel + bias) exp(factor log_scale), whose kernel is seen as a
/// matrix [R, C] with C its outputs.
struct ConvolutionFold {
  int factor = 1;     ///< of the log-scale, if the convolution has one
  Index inputs = 0;   ///< rows of zeros after those of the kernel
  Index outputs = 0;  ///< columns after those of the kernel and the bias, 0 or 1: zeros, but for the bias
  double bias = 0;    ///< of that column
};

/// The kernel [R + inputs, C + outputs] and bias [1, C + outputs] of a folded convolution, or their
/// gradients; zero at first.
template <class T, class D>
class FoldedConvolution {
 public:
  using Convolution = NetConvolution<View<T, D>>;

  FoldedConvolution(const Convolution& conv, const ConvolutionFold& fold)
      : fold_(fold),
        rows_(conv.kernel.rows()),
        columns_(conv.kernel.channels()),
        numbers_(Shape{rows_ + fold.inputs + 1, columns_ + fold.outputs}) {
    clear(numbers_.view());
  }

  View<T, D> kernel() const { return numbers_.view().samples(0, rows_ + fold_.inputs); }
  View<T, D> bias() const { return numbers_.view().samples(rows_ + fold_.inputs, 1); }

  /// Sets both from a convolution.
  void fold(const Convolution& conv) const {
    const Scratch<T, D> scaled(Shape{rows_ + 1, columns_});
    scale(conv, scaled.view());
    widen(scaled.view().samples(0, rows_), 0, kernel().samples(0, rows_));
    widen(scaled.view().samples(rows_, 1), fold_.bias, bias());
  }

  /// grad += the pull-back of these, as gradients, through `fold` of the same convolution.
  void pull_back(const Convolution& conv, Convolution& grad) const {
    const Scratch<T, D> d(Shape{rows_ + 1, columns_});
    narrow(kernel().samples(0, rows_), d.view().samples(0, rows_));
    narrow(bias(), d.view().samples(rows_, 1));
    if (conv.log_scale) {
      const Scratch<T, D> scaled(d.shape()), d_log_scale(Shape{columns_}), no_bias(Shape{columns_});
      clear(d_log_scale.view());
      scale(conv, scaled.view());
      with_log_scale(conv, [&](View<T, D> zero, View<T, D> log_scale) {
        actnorm_backward(zero, log_scale, no_bias.view(), d_log_scale.view(), scaled.view(), d.view());
      });
      for (int i = 0; i < fold_.factor; ++i) add(d_log_scale.view(), *grad.log_scale);
    }
    add(d.view().samples(0, rows_), matrix(grad.kernel));
    add(d.view().samples(rows_, 1), row(grad.bias));
  }

 private:
  View<T, D> matrix(View<T, D> kernel) const { return kernel.as({rows_, columns_}); }
  View<T, D> row(View<T, D> bias) const { return bias.as({1, columns_}); }

  // Calls fn(zeros [C], factor log_scale): an ActNorm without bias is the scale.
  template <class F>
  void with_log_scale(const Convolution& conv, F fn) const {
    const Scratch<T, D> zero(Shape{columns_}), log_scale(Shape{columns_});
    clear(zero.view());
    clear(log_scale.view());
    for (int i = 0; i < fold_.factor; ++i) add(*conv.log_scale, log_scale.view());
    fn(zero.view(), log_scale.view());
  }

  // scaled [R + 1, C] = the kernel and, under it, the bias, times exp(factor log_scale).
  void scale(const Convolution& conv, View<T, D> scaled) const {
    copy(matrix(conv.kernel), scaled.samples(0, rows_));
    copy(row(conv.bias), scaled.samples(rows_, 1));
    if (!conv.log_scale) return;
    with_log_scale(conv,
                   [&](View<T, D> zero, View<T, D> log_scale) { actnorm_forward(zero, log_scale, scaled); });
  }

  // to [n, C + outputs] = from [n, C], and `value` in what is added.
  void widen(View<T, D> from, double value, View<T, D> to) const {
    if (fold_.outputs == 0) return copy(from, to);
    const Scratch<T, D> added(Shape{from.batch(), fold_.outputs});
    fill(added.view(), static_cast<T>(value));
    join_channels(from, added.view(), to);
  }
  // The pull-back of `widen`.
  void narrow(View<T, D> from, View<T, D> to) const {
    if (fold_.outputs == 0) return copy(from, to);
    const Scratch<T, D> dropped(Shape{from.batch(), fold_.outputs});
    split_channels(from, to, dropped.view());
  }

  ConvolutionFold fold_;
  Index rows_, columns_;
  Scratch<T, D> numbers_;
};

}  // namespace glow
