// Models of files without a device.
#pragma once

#include <filesystem>

#include <glow/saved/model_file.hpp>
#include <glow/saved/saved_model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a file holds, if its net is an ImageNet or a VectorNet: the model with its training, if it has one.
/// Throws as `open` does.
TrainingState read_state(const ModelFile& file);

/// The model of a file without a device; throws as `glow::open` does.
SavedModel read_model(const std::filesystem::path& path, Weights weights = Weights::ema);

}  // namespace glow
