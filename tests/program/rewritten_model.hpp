// A trained model whose file is written anew, with changes.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <glow/io/safetensors.hpp>

namespace glow::test {

/// Writes the tensors and metadata of the checkpoint `from` to `to`, but for the record of what it was
/// trained on. change(name, tensor) may change each tensor; `metadata` is written over that of the file.
template <class F>
void rewrite_model(const std::filesystem::path& from, const std::filesystem::path& to, F change,
                   const std::map<std::string, std::string>& metadata = {}) {
  const auto file = SafetensorsFile::open(from);
  SafetensorsWriter writer;
  std::vector<Tensor<float>> tensors;
  std::vector<std::string> names;
  for (const TensorInfo& t : file.tensors()) {
    if (t.name.starts_with("data/")) continue;
    names.push_back(t.name);
    tensors.push_back(file.read<float>(t.name));
    change(t.name, tensors.back().view());
  }
  for (std::size_t i = 0; i < names.size(); ++i) writer.add(names[i], tensors[i].view());
  for (const auto& [key, value] : file.metadata())
    if (key != "data") writer.metadata(key, value);
  for (const auto& [key, value] : metadata) writer.metadata(key, value);
  writer.save(to);
}

}  // namespace glow::test
