// Parameters of a saved model in the form in which graphs of ONNX take them: kernels [outputs, inputs, taps]
// of convolutions, with all that can be folded into them.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include <glow/saved/saved_model.hpp>

namespace glow::foreign::onnx {

/// The kernel [outputs, inputs, side, side] and bias [outputs] of a convolution.
struct ConvolutionWeights {
  Index outputs, inputs, side;
  std::vector<float> kernel, bias;
};

/// The tensors of a model by name.
class Weights {
 public:
  /// `model` must last as long.
  explicit Weights(const SavedModel& model);

  bool contains(const std::string& name) const { return tensors_.contains(name); }
  /// Throws CheckpointError, naming the tensor, if there is none, or with both shapes if it has another one.
  View<const float> at(const std::string& name, const Shape& shape) const;

  /// The convolution `name`, [taps..., inputs, outputs] in model files, times exp(factor log_scale) if it has
  /// a log-scale (NetConvolution).
  ConvolutionWeights convolution(const std::string& name, Index inputs, Index outputs, Index side,
                                 int factor = 1) const;

 private:
  std::unordered_map<std::string, const Tensor<float>*> tensors_;
};

/// What an ActNorm and the permutation after it do to the C channels of a pixel, as one matrix, both ways.
struct Mixing {
  ConvolutionWeights forward, inverse;
  double log_det;  ///< of a pixel

  /// Of the step whose parameters' names begin with `step`, such as "level1/step2/". Products are in double.
  Mixing(const Weights& weights, const std::string& step, PermutationKind kind, Index channels);
};

}  // namespace glow::foreign::onnx
