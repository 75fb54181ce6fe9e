// Models made when the program runs: from files, or anew.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <glow/core/precision.hpp>
#include <glow/runtime/any_trainer.hpp>
#include <glow/runtime/read_model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A device by its name: "cpu", "cuda", or "auto": the GPU if one works, else the CPU. Throws Error for
/// another name, and CudaError or Error where "cuda" is asked for and cannot be had, saying why.
std::string resolve_device(const std::string& wanted);

/// "CPU, 2 threads" or the name of the GPU; throws as resolve_device does.
std::string device_name(const std::string& device);

/// Bytes that this process can still take of a GPU's memory; throws as resolve_device does.
std::size_t available_gpu_memory();

/// A new model on a device, whose parameters `seed` draws; without one it is no model before
/// AnyModel::set. Images [H, W, C] are modelled by ImageNet, vectors [D] by VectorNet. Throws Error for a
/// description without an architecture or with couplings that these nets do not have, and as Model does.
std::unique_ptr<AnyModel> make_model(const ModelDescription& description, const std::string& device = "auto",
                                     std::optional<std::uint64_t> seed = 0);

/// A model from what a file holds.
std::unique_ptr<AnyModel> make_model(const SavedModel& saved, const std::string& device = "auto");

/// The model of a file, with its averaged weights if it has them. Throws FileError and CheckpointError,
/// naming the file and what is wrong, see ModelFile; also for a file whose net is neither an ImageNet nor a
/// VectorNet.
std::unique_ptr<AnyModel> open(const std::filesystem::path& path, const std::string& device = "auto",
                               Weights weights = Weights::ema);

/// The same model again, on a device, in which `precision` may be another one: see Architecture.
std::unique_ptr<AnyModel> copy_of(const AnyModel& model, const std::string& device,
                                  std::optional<Precision> precision = std::nullopt);

/// What a model takes in training and in sampling in batches of `batch` samples (see glow::memory_of),
/// without making one. Throws Error for "cuda" in a program that was built without CUDA; no GPU need be
/// there.
MemoryUse memory_of(const ModelDescription& description, Index batch, const TrainOptions& options,
                    const std::string& device);

}  // namespace glow
