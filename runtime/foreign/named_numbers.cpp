#include "foreign/named_numbers.hpp"

#include <algorithm>
#include <cmath>

#include <glow/runtime/nets.hpp>

namespace glow::foreign {

SavedModel saved_model_of(const std::string& file, const ModelDescription& description,
                          const NamedNumbers& numbers) {
  SavedModel saved{description, {}};
  saved.description.coupling = name_of(description.architecture->coupling);
  std::size_t used = 0;
  auto shapes = declare_layer(ImageNet(*description.architecture), description.sample.samples(1));
  shapes.visit([&](std::string_view name, const Shape& shape, Role role = Role::trainable) {
    if (role == Role::derived) return;
    Tensor<float> value(shape);
    clear(value.view());
    if (const auto it = numbers.find(std::string(name)); it != numbers.end()) {
      ++used;
      require<CheckpointError>(static_cast<Index>(it->second.size()) == shape.size(), "'", file, "': '", name,
                               "' has ", it->second.size(), " numbers, but ", shape, " is needed");
      for (Index i = 0; i < value.size(); ++i) {
        value[i] = static_cast<float>(it->second[static_cast<std::size_t>(i)]);
        require<CheckpointError>(std::isfinite(value[i]), "'", file, "': number ", i, " of what becomes '",
                                 name, "' is ", it->second[static_cast<std::size_t>(i)],
                                 ", which is no finite float");
      }
    }
    saved.tensors.push_back({std::string(name), std::move(value)});
  });
  for (const auto& [name, values] : numbers) {
    const auto is_its = [&n = name](const NamedTensor& t) { return t.name == n; };
    if (used == numbers.size()) break;
    require<CheckpointError>(std::any_of(saved.tensors.begin(), saved.tensors.end(), is_its), "'", file,
                             "': '", name, "' of ", values.size(), " numbers is not part of the model");
  }
  return saved;
}

}  // namespace glow::foreign
