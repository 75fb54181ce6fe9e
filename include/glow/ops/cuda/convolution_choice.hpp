// Which form of a 3x3 convolution runs where: one table, to be set by a card. What it holds now is reckoned
// on paper; docs/cuda.md has the reckoning.
#pragma once

#include <type_traits>

#include <glow/core/cuda/context.hpp>
#include <glow/core/precision.hpp>
#include <glow/ops/kernels/convolution.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// What a row of the table is about: networks of at least `width` hidden units, or at width 0 convolutions on
/// their own too, from whose last convolution at least `channels` leave.
struct ConvolutionChoice {
  Precision precision;
  Index width, channels;
  cuda::ConvolutionForm form;
};

/// The last row that fits decides; without one it is gather. The fused bf16 network is none of these.
inline constexpr ConvolutionChoice convolution_choices[] = {
    {Precision::full, 0, 0, cuda::ConvolutionForm::cudnn},   // priors, the tape's convolutions
    {Precision::full, 1, 0, cuda::ConvolutionForm::gather},  // bound by arithmetic, which cuBLAS does best
    {Precision::tf32, 128, 0, cuda::ConvolutionForm::cudnn},
    {Precision::bf16, 128, 0, cuda::ConvolutionForm::cudnn},
};

/// The form for a network of `width` hidden units, or a convolution on its own at width 0, with `channels`
/// outputs. The current context's `convolution_form` overrules the table, or before there is a context what
/// GLOW_CONV asks for; cuDNN that glow was built without is never chosen, and types other than float have the
/// one form.
template <class T>
cuda::ConvolutionForm convolution_form([[maybe_unused]] Precision precision, [[maybe_unused]] Index width,
                                       [[maybe_unused]] Index channels) {
  auto form = cuda::ConvolutionForm::gather;
  if constexpr (std::is_same_v<T, float>) {
    const cuda::Context* const context = cuda::Context::existing();
    const auto asked = context != nullptr ? context->convolution_form : cuda::requested_convolution_form();
    if (asked) return *asked;
    if (!kernels::has_cudnn()) return form;
    for (const ConvolutionChoice& row : convolution_choices) {
      if (precision == row.precision && width >= row.width && channels >= row.channels) form = row.form;
    }
  }
  return form;
}

}  // namespace glow::ops
