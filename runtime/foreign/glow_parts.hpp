// A Glow as PyTorch's programs write it, in double and by the same parts, whatever they are called.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <glow/saved/saved_model.hpp>

#include "foreign/lu.hpp"

namespace glow::foreign {

/// y[o] = sum of kernel[tap, i, o] x[i, tap] + bias[o], with 3 x 3 taps in rows or one; around the image x is
/// 0.
struct Convolution {
  Index taps = 9, inputs = 0, outputs = 0;
  std::vector<double> kernel;  ///< [taps, inputs, outputs]
  std::vector<double> bias;    ///< [outputs]
};

/// A kernel [outputs, inputs, 3, 3] or [outputs, inputs, 1, 1] as PyTorch keeps it.
Convolution convolution_of(const std::vector<double>& kernel, std::vector<double> bias, Index taps,
                           Index inputs, Index outputs);

/// Folds (x * kernel + bias) exp(log_scale), a number an output, into kernel and bias.
void fold_scale(Convolution& conv, const std::vector<double>& log_scale, double factor = 1);
/// Outputs 0, 2, 4, ... become the first half, outputs 1, 3, 5, ... the second.
void split_interleaved(Convolution& conv);
/// Exchanges the halves of the outputs.
void swap_halves(Convolution& conv);
/// One more input, the last, that is 1 within the image and 0 around it, in place of all inputs being 1
/// around it: its kernel is -sum over i of kernel[tap, i, o], and the bias is greater by the same over all
/// taps.
void ones_around_to_edge(Convolution& conv);
/// One more input, the last, that counts for nothing.
void add_empty_input(Convolution& conv);

/// ActNorm (x + bias) sign exp(log_scale), the matrix of a 1x1 convolution, and a coupling whose network
/// reads the first half of the channels and changes the second; its outputs are [shift | raw log-scale], or
/// shifts alone.
struct ForeignStep {
  std::vector<double> bias, log_scale, sign;  ///< [C]
  Matrix weight;                              ///< [C, C], y = W x
  std::string weight_name;                    ///< in the file, for messages
  Convolution conv1, conv2, conv3;
};

/// Levels of steps, the finest first. Each begins by taking 2 x 2 pixels as the channels 4 c + 2 dy + dx, and
/// after each but the last the second half of the channels leaves as a latent, whose prior [mu | log sigma]
/// is made of the first half, which goes on.
struct ForeignGlow {
  std::string source;  ///< whose program wrote it, such as "rosinality/glow-pytorch"
  Index channels = 0;  ///< of images
  std::vector<std::vector<ForeignStep>> levels = {};
  std::vector<Convolution> priors = {};  ///< one between two levels
  std::optional<Convolution> top = {};   ///< of an all-zero image; none for N(0, I)
  CouplingMap coupling = CouplingMap::shifted;
  bool edges = false, prior_edges = false;  ///< see ConvNetOptions and Architecture
  std::optional<Shape> last_image = {};  ///< height and width of the last latent, where the file tells them
};

/// x = scale (x' + shift), where x' are our numbers, level / 2^bits - 1/2, and x those that the program had.
struct PixelScale {
  double scale = 1, shift = 0;
};

/// The model as ours, in float: channels in our order, so that the second half conditions and the first
/// leaves; each matrix factorised; signs and pixels' scale in the first layers that take them. Throws
/// CheckpointError, naming the file and the tensor, for a 1x1 convolution that is singular and for numbers
/// that are no finite floats; ShapeError for images that cannot be halved so often.
SavedModel saved_model_of(const std::string& file, const ForeignGlow& glow, Index height, Index width,
                          int bits, const PixelScale& pixels);

}  // namespace glow::foreign
