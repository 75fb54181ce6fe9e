// The Glows of programs in PyTorch, by the names of their tensors.
#pragma once

#include <optional>

#include "foreign/glow_parts.hpp"
#include "foreign/tensors.hpp"

namespace glow::foreign {

/// How a program takes a pixel's level, 0 ... 2^bits - 1, as a number.
enum class PixelNumbers {
  centred,    ///< level / 2^bits - 1/2, as we do
  unit,       ///< level / 2^bits
  to_tensor,  ///< level / (2^bits - 1), as torchvision's ToTensor
};
/// "centred", "unit" or "to_tensor".
std::string_view name_of(PixelNumbers numbers);
/// The inverse; throws Error for another name.
PixelNumbers pixel_numbers_of(std::string_view name);
/// These numbers by ours.
PixelScale scale_of(PixelNumbers numbers, int bits);

/// A program whose files can be read.
struct TorchModel {
  std::string_view source;     ///< where it is: "rosinality/glow-pytorch"
  std::string_view signature;  ///< a name that its files hold, with something before it, or nothing
  int bits;                    ///< of pixels, by its defaults
  PixelNumbers numbers;        ///< by its defaults
  ForeignGlow (*read)(Tensors&);
};

/// Throw CheckpointError, naming the tensor, for one that is missing, of another shape, or not part of the
/// model.
ForeignGlow read_rosinality(Tensors& tensors);
ForeignGlow read_y0ast(Tensors& tensors);
ForeignGlow read_chaiyujin(Tensors& tensors);
ForeignGlow read_normflows(Tensors& tensors);

/// All of them.
std::span<const TorchModel> torch_models();

/// The program that wrote a file, by its names, and what stands before them; none for another file.
struct FoundModel {
  const TorchModel* model;
  std::string prefix;
};
std::optional<FoundModel> find_torch_model(const File& file);

}  // namespace glow::foreign
