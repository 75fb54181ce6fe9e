// A ModelDescription as the metadata of a safetensors file, which are text; docs/format.md has the keys.
#pragma once

#include <charconv>
#include <cmath>

#include <glow/io/safetensors.hpp>
#include <glow/saved/description.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The version of model files that this library writes. It reads this and the older ones.
inline constexpr Index model_file_version = 2;

namespace detail {

inline constexpr std::string_view format_name = "glow-checkpoint-";

/// Metadata `key`, which must be a whole number from `least` to `most`.
inline Index whole_number(const SafetensorsFile& file, const std::string& key, Index least = 0,
                          Index most = Index{1} << 53) {
  const std::string& text = file.metadata(key);
  Index n = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  require<CheckpointError>(
      error == std::errc() && end == text.data() + text.size() && n >= least && n <= most, "metadata '", key,
      "': '", text, "' must be a whole number from ", least, " to ", most);
  return n;
}

/// Metadata `key`; "" if there is none.
inline std::string text_or_none(const SafetensorsFile& file, const std::string& key) {
  const auto it = file.metadata().find(key);
  return it == file.metadata().end() ? "" : it->second;
}

/// "8x8x1"; "" for rank 0.
inline std::string shape_text(const Shape& shape) { return shape.rank() == 0 ? "" : shape.str(); }

/// The reverse, of metadata `key`.
inline Shape shape_in(const SafetensorsFile& file, const std::string& key) {
  const std::string& text = file.metadata(key);
  constexpr Index longest = Index{1} << 20;
  Shape shape;
  const char *at = text.data(), *const last = at + text.size();
  while (at != last) {
    Index extent = 0;
    const auto [end, error] = std::from_chars(at, last, extent);
    require<CheckpointError>(error == std::errc() && extent >= 1 && extent <= longest && shape.rank() < 3 &&
                                 (end == last || (*end == 'x' && end + 1 != last)),
                             "metadata '", key, "': '", text, "' must be up to 3 extents of 1 to ", longest,
                             ", as in 32x32x3");
    shape.push_back(extent);
    at = end == last ? end : end + 1;
  }
  return shape;
}

/// One of two words.
inline bool first_of(const SafetensorsFile& file, const std::string& key, std::string_view first,
                     std::string_view second) {
  const std::string& text = file.metadata(key);
  require<CheckpointError>(text == first || text == second, "metadata '", key, "': '", text, "' is none of ",
                           first, ", ", second);
  return text == first;
}

inline std::string network_text(const ConvNetOptions& options) {
  std::string text;
  const auto add = [&](bool has, const char* word) {
    if (has) text.append(text.empty() ? "" : " ").append(word);
  };
  add(options.actnorm, "actnorm");
  add(options.scaled_output, "scaled_output");
  add(options.edges, "edges");
  return text;
}

inline ConvNetOptions network_in(const SafetensorsFile& file) {
  ConvNetOptions options;
  std::istringstream words(file.metadata("model.network"));
  for (std::string word; words >> word;) {
    require<CheckpointError>(word == "actnorm" || word == "scaled_output" || word == "edges",
                             "metadata 'model.network': '", word,
                             "' is none of actnorm, scaled_output, edges");
    (word == "actnorm" ? options.actnorm : word == "edges" ? options.edges : options.scaled_output) = true;
  }
  return options;
}

inline constexpr Index most_levels = 30, most_depth = 100000, most_width = 1 << 20, most_classes = 1 << 20;

inline Architecture architecture_in(const SafetensorsFile& file) {
  const std::string coupling = text_or_none(file, "model.coupling");
  return {.levels = static_cast<int>(whole_number(file, "model.levels", 1, most_levels)),
          .depth = static_cast<int>(whole_number(file, "model.depth", 1, most_depth)),
          .width = whole_number(file, "model.width", 1, most_width),
          .learn_top_prior = first_of(file, "model.top_prior", "learned", "standard"),
          .precision = precision_of(file.metadata("model.precision")),
          .coupling = is_coupling_map(coupling) ? coupling_map_of(coupling) : CouplingMap::affine,
          .network = network_in(file),
          .permutation = permutation_kind_of(file.metadata("model.permutation")),
          .context = shape_in(file, "model.context"),
          .conditional = conditional_of(file.metadata("model.conditional")),
          .classes = whole_number(file, "model.classes", 0, most_classes),
          .embedding = whole_number(file, "model.embedding", 1, most_width),
          .prior_edges = text_or_none(file, "model.prior_edges") == "true"};
}

inline std::vector<std::string> class_names_in(const SafetensorsFile& file) {
  std::vector<std::string> names;
  for (Index i = 0; file.metadata().count(join("model.class_names.", i)) != 0; ++i)
    names.push_back(file.metadata(join("model.class_names.", i)));
  return names;
}

}  // namespace detail

/// Adds to a file what `d` says.
inline void write_metadata(SafetensorsWriter& file, const ModelDescription& d) {
  file.metadata("format", join(detail::format_name, model_file_version));
  if (const auto& a = d.architecture) {
    const auto set = [&](const char* key, const auto& value) { file.metadata(key, join(value)); };
    set("model.levels", a->levels);
    set("model.depth", a->depth);
    set("model.width", a->width);
    set("model.top_prior", a->learn_top_prior ? "learned" : "standard");
    set("model.precision", name_of(a->precision));
    set("model.network", detail::network_text(a->network));
    set("model.permutation", name_of(a->permutation));
    set("model.context", detail::shape_text(a->context));
    set("model.conditional", name_of(a->conditional));
    set("model.classes", a->classes);
    set("model.embedding", a->embedding);
    if (a->prior_edges) set("model.prior_edges", "true");
  }
  const bool has_coupling = d.coupling.empty() && d.architecture;
  file.metadata("model.coupling", has_coupling ? std::string(name_of(d.architecture->coupling)) : d.coupling);
  file.metadata("model.condition_on",
                d.condition == Condition::on_second_half ? "second_half" : "first_half");
  file.metadata("model.sample", detail::shape_text(d.sample));
  file.metadata("model.domain", d.domain.is_continuous() ? "continuous" : "pixels");
  if (!d.domain.is_continuous()) file.metadata("model.bits", std::to_string(d.domain.bits()));
  for (std::size_t i = 0; i < d.class_names.size(); ++i)
    file.metadata(join("model.class_names.", i), d.class_names[i]);
}

/// The reverse. Throws CheckpointError, naming the key, for what cannot be.
inline ModelDescription read_metadata(const SafetensorsFile& file) {
  ModelDescription d;
  if (file.metadata().count("model.levels") != 0) d.architecture = detail::architecture_in(file);
  d.sample = detail::shape_in(file, "model.sample");
  require<CheckpointError>(d.sample.rank() == 3 || d.sample.rank() == 1, "metadata 'model.sample': '",
                           file.metadata("model.sample"), "' must be HxWxC or D");
  if (detail::first_of(file, "model.domain", "continuous", "pixels")) {
    d.domain = Continuous();
  } else {
    d.domain = Pixels{static_cast<int>(detail::whole_number(file, "model.bits", 1, 8))};
  }
  d.coupling = file.metadata("model.coupling");
  d.condition = detail::first_of(file, "model.condition_on", "second_half", "first_half")
                    ? Condition::on_second_half
                    : Condition::on_first_half;
  d.class_names = detail::class_names_in(file);
  return d;
}

}  // namespace glow
