// The state of a model and its training, on the host.
#pragma once

#include <string>
#include <vector>

#include <glow/core/tensor.hpp>

namespace glow::app {

/// What a checkpoint keeps of a model and its training besides the place in the data.
struct TrainingState {
  /// Values of a tensor under the name that it has in checkpoints.
  struct Entry {
    std::string name;
    Tensor<float> value;
  };
  std::vector<Entry> tensors;   ///< parameters and constants, in the order of the layers
  std::vector<Entry> averages;  ///< of the parameters, under their names; none without an average
  Tensor<float> first_moment;   ///< of Adam, flat
  Tensor<float> second_moment;  ///< the same
  Index steps = 0;              ///< done
  Index taken_steps = 0;        ///< of these, those that changed the parameters
  Index bad_steps = 0;          ///< the last ones in a row that did not
};

}  // namespace glow::app
