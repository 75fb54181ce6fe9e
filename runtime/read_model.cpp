#include <glow/runtime/read_model.hpp>

#include "net_of.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace {

TrainingState state_in(const ModelFile& file, Weights weights) {
  return detail::reading(file.path(), [&] {
    return runtime::with_net(file.description(), [&](const auto& net) { return file.state(net, weights); });
  });
}

}  // namespace

TrainingState read_state(const ModelFile& file) { return state_in(file, Weights::raw); }

SavedModel read_model(const std::filesystem::path& path, Weights weights) {
  const ModelFile file = ModelFile::open(path);
  return {file.description(), state_in(file, weights).tensors};
}

}  // namespace glow
