#include "foreign/exported_model.hpp"

#include <algorithm>

#include <glow/saved/model_file.hpp>

#include "foreign/named_tensors.hpp"
#include "net_of.hpp"

namespace glow::foreign {

namespace {

// Names of nested parts are joined by "|" in msgpack and "." in PyTorch's files.
constexpr std::string_view separators = "|.";

std::optional<std::string> metadata_key(const std::string& name) {
  const std::string_view entry = metadata_entry;
  if (name.size() <= entry.size() || !name.starts_with(entry)) return std::nullopt;
  if (separators.find(name[entry.size()]) == std::string_view::npos) return std::nullopt;
  return name.substr(entry.size() + 1);
}

}  // namespace

bool is_exported_model(const File& file) {
  return std::any_of(file.texts.begin(), file.texts.end(),
                     [](const auto& text) { return metadata_key(text.first) == "format"; });
}

SavedModel import_exported_model(const File& file) {
  // The checks of a model file are those of these tensors, too: so they become one.
  SafetensorsWriter writer;
  std::vector<Tensor<float>> tensors;
  tensors.reserve(file.arrays.size());
  for (const Array& array : file.arrays) {
    std::string name = array.name;
    std::replace(name.begin(), name.end(), '|', '/');
    require<CheckpointError>(array.shape.size() <= Shape::max_rank, "'", file.name, "': tensor '", name,
                             "' has rank ", array.shape.size(), ", above ", Shape::max_rank);
    Shape shape;
    for (const Index extent : array.shape) shape.push_back(extent);
    Tensor<float>& numbers = tensors.emplace_back(shape);
    const std::vector<double> read = numbers_of(file.name, array);
    std::transform(read.begin(), read.end(), numbers.begin(), [](double v) { return static_cast<float>(v); });
    writer.add(name, numbers.view());
  }
  for (const auto& [name, text] : file.texts) {
    if (const auto key = metadata_key(name)) writer.metadata(*key, text);
  }
  const ModelFile model(SafetensorsFile::from_bytes(writer.bytes(), file.name), file.name);
  auto state = detail::reading(file.name, [&] {
    return runtime::with_net(model.description(), [&](const auto& net) { return model.state(net); });
  });
  return {model.description(), std::move(state.tensors)};
}

}  // namespace glow::foreign
