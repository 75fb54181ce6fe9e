// Files of format 1, which hold the settings of their run in place of a description.
#pragma once

#include <glow/io/settings_json.hpp>
#include <glow/saved/metadata.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

/// The description of the model that the metadata of a file of format 1 tell: images by an ImageNet
/// (runtime/nets.hpp), whose settings stand in `config`; those that do not had their defaults.
inline ModelDescription read_format_1(const SafetensorsFile& file) {
  const auto settings = SettingsReader(file.metadata("config"), "metadata 'config'").read();
  const auto text = [&](const char* key, const char* otherwise) {
    const auto it = settings.find(key);
    return it == settings.end() ? std::string(otherwise) : it->second;
  };
  const auto number = [&](const char* key, const char* otherwise, Index least, Index most) {
    const std::string digits = text(key, otherwise);
    Index n = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    require<CheckpointError>(
        error == std::errc() && end == digits.data() + digits.size() && n >= least && n <= most,
        "metadata 'config': ", key, ": ", digits, " must be a whole number from ", least, " to ", most);
    return n;
  };
  const bool has_classes = text("classes", "false") == "true";
  ModelDescription d;
  d.architecture = {.levels = static_cast<int>(number("levels", "3", 1, most_levels)),
                    .depth = static_cast<int>(number("depth", "16", 1, most_depth)),
                    .width = number("width", "512", 1, most_width),
                    .learn_top_prior = text("learn_top_prior", "true") == "true",
                    .precision = precision_of(text("precision", "full")),
                    .coupling = coupling_map_of(text("coupling", "affine")),
                    .permutation = permutation_kind_of(text("permutation", "lu")),
                    .conditional = conditional_of(text("condition", "priors")),
                    .classes = has_classes ? number("class_names", "0", 2, most_classes) : 0};
  d.coupling = name_of(d.architecture->coupling);
  constexpr Index longest = 4096;
  d.sample = {whole_number(file, "height", 1, longest), whole_number(file, "width", 1, longest),
              whole_number(file, "channels", 1, longest)};
  d.domain = Pixels{static_cast<int>(number("bits", "5", 1, 8))};
  return d;
}

}  // namespace glow::detail
