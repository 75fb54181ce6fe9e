// How much memory a model takes.
#pragma once

#include <cstddef>

#include <glow/version.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Bytes of a device that a model takes in training and in sampling, see Model::memory. On the CPU they are
/// the host's; what a program holds besides, such as its data, is not among them, nor what a GPU's driver
/// takes. They are those from the second step on: while arenas grow in the first, they may hold some more.
struct MemoryUse {
  std::size_t parameters = 0;            ///< trainable numbers and constants
  std::size_t derived = 0;               ///< numbers that derive from them: packed weights, inverses
  std::size_t gradients = 0;             ///< which a model has ready from its construction on
  std::size_t optimizer = 0;             ///< Adam's moments
  std::size_t activations = 0;           ///< kept from the forward pass for the backward pass
  std::size_t training_temporaries = 0;  ///< of a step: batches and their gradients, work of layers
  std::size_t sampling_temporaries = 0;  ///< the images and work of layers
  std::size_t libraries = 0;             ///< work space of libraries: cuBLAS's on a GPU

  std::size_t model() const { return parameters + derived + gradients; }
  std::size_t training() const {
    return model() + optimizer + activations + training_temporaries + libraries;
  }
  std::size_t sampling() const { return model() + sampling_temporaries + libraries; }
};

}  // namespace glow
