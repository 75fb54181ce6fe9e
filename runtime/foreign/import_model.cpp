#include "foreign/import_model.hpp"

#include <algorithm>

#include "foreign/exported_model.hpp"
#include "foreign/flax_model.hpp"

namespace glow::foreign {

namespace {

constexpr int flax_bits = 5;

// "12 tensors, such as 'a', 'b' and 'c'"
std::string contents_of(const File& file) {
  if (file.arrays.empty()) return "no tensors";
  std::string text = join(file.arrays.size(), " tensors, such as ");
  for (std::size_t i = 0; i < std::min<std::size_t>(3, file.arrays.size()); ++i)
    text += (i == 0 ? "'" : ", '") + file.arrays[i].name + "'";
  return text;
}

// What another program's model would be known by.
std::string known_signatures() {
  std::string text;
  for (const TorchModel& m : torch_models())
    text += (text.empty() ? "" : ", ") + std::string(m.source) + " ('" + std::string(m.signature) + "')";
  return text;
}

Shape size_of(const File& file, const ImportOptions& options, const std::optional<Shape>& last, int levels) {
  std::optional<Shape> told;
  if (last) {
    constexpr int most_levels = 30;
    constexpr Index longest = Index{1} << 20;
    require<CheckpointError>(levels <= most_levels && (*last)[0] <= longest && (*last)[1] <= longest, "'",
                             file.name, "': ", levels, " levels down to images of ", *last, " are too many");
    told = Shape{(*last)[0] << levels, (*last)[1] << levels};
  }
  require<CheckpointError>(options.size || told, "'", file.name,
                           "': the file does not say how large its images are; give --size HxW");
  require<CheckpointError>(!options.size || !told || *options.size == *told, "'", file.name,
                           "': its images are ", *told, ", not ", options.size.value_or(Shape{}));
  return options.size ? *options.size : *told;
}

// `sample`: [H, W, C], of which C alone needs be known, or [D].
std::string described(const Architecture& a, const Shape& sample) {
  const Index numbers = sample.back();
  const std::string of = sample.rank() == 1
                             ? join("vectors of ", numbers, numbers == 1 ? " number" : " numbers")
                             : join("images of ", numbers, numbers == 1 ? " channel" : " channels");
  return join(a.levels, a.levels == 1 ? " level" : " levels", " of ", a.depth,
              a.depth == 1 ? " step" : " steps", ", width ", a.width, ", ", name_of(a.coupling),
              " couplings, ", of, a.learn_top_prior ? ", learned top prior" : "",
              a.classes > 0 ? join(", ", a.classes, " classes") : "");
}

ForeignGlow read_torch_model(const File& file, const FoundModel& found) {
  Tensors tensors(file, found.prefix);
  ForeignGlow glow = found.model->read(tensors);
  tensors.finish(std::string(found.model->source));
  return glow;
}

FlaxModel read_flax(const File& file, const std::string& prefix) {
  Tensors tensors(file, prefix);
  return read_flax_model(tensors);
}

}  // namespace

SavedModel import_flax(const File& file, const ImportOptions& options) {
  const auto prefix = find_flax_model(file);
  require<CheckpointError>(
      prefix.has_value(), "'", file.name, "' (", file.kind, ") holds ", contents_of(file),
      ", and nothing of the reference Glow in JAX, which is known by '", flax_signature, "'");
  const FlaxModel model = read_flax(file, *prefix);
  const Shape size = size_of(file, options, std::nullopt, model.architecture.levels);
  return saved_model_of(file.name,
                        ModelDescription{.architecture = model.architecture,
                                         .sample = {size[0], size[1], model.channels},
                                         .domain = Pixels{options.bits.value_or(flax_bits)}},
                        model.numbers);
}

SavedModel import_torch(const File& file, const ImportOptions& options) {
  const auto found = find_torch_model(file);
  require<CheckpointError>(found.has_value(), "'", file.name, "' (", file.kind, ") holds ", contents_of(file),
                           ", and no Glow of those that are known by a name: ", known_signatures());
  const ForeignGlow glow = read_torch_model(file, *found);
  const Shape size = size_of(file, options, glow.last_image, static_cast<int>(glow.levels.size()));
  const int bits = options.bits.value_or(found->model->bits);
  return saved_model_of(file.name, glow, size[0], size[1], bits,
                        scale_of(options.numbers.value_or(found->model->numbers), bits));
}

std::string verdict_of(const File& file) {
  std::string source;
  try {
    if (is_exported_model(file)) {
      source = "a model from glow export";
      const ModelDescription d = import_exported_model(file).description;
      return source + ": " + described(*d.architecture, d.sample);
    }
    if (const auto prefix = find_flax_model(file)) {
      source = "the reference Glow in JAX";
      const FlaxModel model = read_flax(file, *prefix);
      return source + ": " + described(model.architecture, {1, 1, model.channels});
    }
    if (const auto found = find_torch_model(file)) {
      source = found->model->source;
      const ForeignGlow glow = read_torch_model(file, *found);
      const Architecture a{.levels = static_cast<int>(glow.levels.size()),
                           .depth = static_cast<int>(glow.levels[0].size()),
                           .width = glow.levels[0][0].conv1.outputs,
                           .learn_top_prior = glow.top.has_value(),
                           .coupling = glow.coupling};
      return source + ": " + described(a, {1, 1, glow.channels});
    }
  } catch (const Error& e) {
    return source + ", but cannot be imported: " + e.what();
  }
  return "no model that is known";
}

}  // namespace glow::foreign
