// The two graphs of a model of images: what it does to images, and how it makes them.
#pragma once

#include "foreign/named_tensors.hpp"

namespace glow::foreign::onnx {

/// A graph with the inputs x [N, H, W, C], in the model's numbers, and what the model is conditional on, if
/// it is: labels [N] of int64, or context [N, E]. Its outputs are, for each level l, z{l} [N, h, w, c], the
/// latent, and eps{l}, the same as draws of N(0, 1); and log_p [N], log p(x) in nats. Returns the bytes of
/// its file. Throws ShapeError, naming what it is, for a model that no graph is written for, and
/// CheckpointError, naming the tensor, for tensors that are not the model's.
std::string log_p_graph(const SavedModel& model);

/// The reverse: from eps1 ... epsL, the draws, temperature, one number, and labels or context, to x. Throws
/// the same.
std::string sample_graph(const SavedModel& model);

}  // namespace glow::foreign::onnx
