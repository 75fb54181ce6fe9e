#include <glow/runtime/nets.hpp>
#include <glow/runtime/open.hpp>
#include <glow/saved/load.hpp>

#include "device.hpp"

namespace glow {

namespace {

// Calls fn(net) with the net of a description. Throws Error for one that is neither of the runtime's.
template <class F>
auto with_net(const ModelDescription& d, F fn) {
  require(d.architecture.has_value(),
          "its net was made of its parts, not from an Architecture; only load_as can take it");
  require(d.coupling.empty() || is_coupling_map(d.coupling), "its couplings, '", d.coupling,
          "', are a type of its own; only load can take it");
  require(d.condition == Condition::on_second_half,
          "its couplings read the first half of the channels; only load can take it");
  require<ShapeError>(d.sample.rank() == 3 || d.sample.rank() == 1, "sample ", d.sample,
                      " must be [H, W, C] or [D]");
  if (d.sample.rank() == 1) return fn(VectorNet(*d.architecture));
  return fn(ImageNet(*d.architecture));
}

TrainingState state_in(const ModelFile& file, Weights weights) {
  return detail::reading(file.path(), [&] {
    return with_net(file.description(), [&](const auto& net) { return file.state(net, weights); });
  });
}

}  // namespace

std::string resolve_device(const std::string& wanted) {
  require(wanted == "auto" || wanted == "cpu" || wanted == "cuda", "device: '", wanted,
          "' is none of auto, cpu, cuda");
  if (wanted == "cpu") return wanted;
  try {
    runtime::gpu_name();
    return "cuda";
  } catch (const Error&) {
    if (wanted == "cuda") throw;
    return "cpu";
  }
}

std::string device_name(const std::string& device) {
  return resolve_device(device) == "cuda" ? runtime::gpu_name() : runtime::cpu_name();
}

std::unique_ptr<AnyModel> make_model(const ModelDescription& description, const std::string& device,
                                     std::optional<std::uint64_t> seed) {
  ModelDescription d = description;
  with_net(d, [](const auto&) {});
  d.coupling = name_of(d.architecture->coupling);
  return resolve_device(device) == "cuda" ? runtime::make_gpu_model(d, seed)
                                          : runtime::make_cpu_model(d, seed);
}

std::unique_ptr<AnyModel> make_model(const SavedModel& saved, const std::string& device) {
  auto model = make_model(saved.description, device, std::nullopt);
  model->set(saved.tensors);
  return model;
}

std::unique_ptr<AnyModel> open(const std::filesystem::path& path, const std::string& device,
                               Weights weights) {
  const std::string resolved = resolve_device(device);
  return make_model(read_model(path, weights), resolved);
}

TrainingState read_state(const ModelFile& file) { return state_in(file, Weights::raw); }

SavedModel read_model(const std::filesystem::path& path, Weights weights) {
  const ModelFile file = ModelFile::open(path);
  return {file.description(), state_in(file, weights).tensors};
}

std::unique_ptr<AnyModel> copy_of(const AnyModel& model, const std::string& device,
                                  std::optional<Precision> precision) {
  SavedModel saved = model.saved();
  if (precision) saved.description.architecture->precision = *precision;
  return make_model(saved, device);
}

MemoryUse memory_of(const ModelDescription& description, Index batch, const TrainOptions& options,
                    const std::string& device) {
  return device == "cuda" ? runtime::gpu_memory_of(description, batch, options)
                          : runtime::cpu_memory_of(description, batch, options);
}

}  // namespace glow
