// The two forms in which 3x3 convolutions run on a GPU.
#pragma once

#include <cstdlib>
#include <optional>
#include <string_view>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// How a 3x3 convolution runs.
enum class ConvolutionForm {
  gather,  ///< a copy of the nine neighbours of every pixel, and a product of cuBLAS
  cudnn,   ///< an implicit matrix product of cuDNN
};

/// The form that the environment variable GLOW_CONV, "gather" or "cudnn", asks for; none if it is not set.
/// Throws Error for another value.
inline std::optional<ConvolutionForm> requested_convolution_form() {
  const char* const value = std::getenv("GLOW_CONV");
  if (value == nullptr || std::string_view(value).empty()) return {};
  const std::string_view name(value);
  require(name == "gather" || name == "cudnn", "GLOW_CONV: '", name, "' is neither gather nor cudnn");
  return name == "gather" ? ConvolutionForm::gather : ConvolutionForm::cudnn;
}

}  // namespace glow::cuda
