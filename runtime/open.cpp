#include <glow/runtime/open.hpp>

#include "device.hpp"
#include "net_of.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE {

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
  runtime::with_net(d, [](const auto&) {});
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
