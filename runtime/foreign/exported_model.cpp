#include "foreign/exported_model.hpp"

#include <algorithm>

#include <glow/saved/model_file.hpp>

#include "net_of.hpp"

namespace glow::foreign {

bool is_exported_model(const File& file) { return file.texts.contains("format"); }

namespace {

// What `file` holds as a model file, whose checks then are those of these tensors, too.
ModelFile as_model_file(const File& file) {
  SafetensorsWriter writer;
  std::vector<Tensor<float>> tensors;
  tensors.reserve(file.arrays.size());
  std::size_t room = 0;
  for (const auto& memory : file.memory) room += memory.size();
  for (const Array& array : file.arrays) {
    std::string name = array.name;  // in msgpack of parts with "|" between
    std::replace(name.begin(), name.end(), '|', '/');
    require<CheckpointError>(array.shape.size() <= Shape::max_rank, "tensor '", name, "' has rank ",
                             array.shape.size(), ", above ", Shape::max_rank);
    const std::size_t bytes = static_cast<std::size_t>(array.size()) * size_of(array.element);
    require<CheckpointError>(bytes <= room, "tensor '", name,
                             "': the tensors share numbers, since together they are larger than the file");
    room -= bytes;
    Shape shape;
    for (const Index extent : array.shape) shape.push_back(extent);
    Tensor<float>& numbers = tensors.emplace_back(shape);
    const std::vector<double> read = numbers_of(file.name, array);
    std::transform(read.begin(), read.end(), numbers.begin(), [](double v) { return static_cast<float>(v); });
    writer.add(name, numbers.view());
  }
  for (const auto& [key, text] : file.texts) writer.metadata(key, text);
  return {SafetensorsFile::from_bytes(writer.bytes(), file.name), file.name};
}

}  // namespace

SavedModel import_exported_model(const File& file) {
  return detail::reading(file.name, [&] {
    const ModelFile model = as_model_file(file);
    auto state = runtime::with_net(model.description(), [&](const auto& net) { return model.state(net); });
    return SavedModel{model.description(), std::move(state.tensors)};
  });
}

}  // namespace glow::foreign
