#include "run/latent_vector.hpp"

#include <algorithm>
#include <cmath>

#include <glow/core/warning.hpp>

#include "data/hash.hpp"
#include "run/load_images.hpp"
#include "run/pictures.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

constexpr const char* format = "glow-vector-1";

std::string name_of(int level) { return "level" + std::to_string(level); }

std::string text_of(const Shape& image) { return join(image[0], "x", image[1], "x", image[2]); }

// One hash for all numbers of a model.
std::string hash_of_model(const Checkpoint& model) {
  std::string hashes;
  for (const auto& t : model.state.tensors)
    hashes += hash_text(
        hash_of(std::as_bytes(std::span(t.value.data(), static_cast<std::size_t>(t.value.size())))));
  return hash_text(hash_of(hashes));
}

SafetensorsFile open_vector_file(const std::filesystem::path& path) {
  auto file = SafetensorsFile::open(path);
  const auto it = file.metadata().find("format");
  require<CheckpointError>(it != file.metadata().end() && it->second == format, "'", path.string(),
                           "' is not a vector of glow manipulate: its format is '",
                           it == file.metadata().end() ? "" : it->second, "', not '", format, "'");
  return file;
}

// The mean latents of images, packed in the shape of one.
Tensor<double> mean_latents(const AnyModel& model, const Dataset& data, const std::vector<Index>& images,
                            const char* which, int bits, Index batch) {
  const ImageNet net(model.architecture());
  Tensor<double> sum(model.batch_shape(1));
  Index count = 0;
  for (std::size_t at = 0; at < images.size(); at += static_cast<std::size_t>(batch)) {
    const std::size_t n = std::min(static_cast<std::size_t>(batch), images.size() - at);
    const auto loaded = load_images(data, std::span(images).subspan(at, n), warn_of_skipped);
    if (loaded.indices.empty()) continue;
    const Tensor<float> x = from_pixels(loaded.pixels, model.sample_shape(), bits);
    const Tensor<float> z = model.encode(x.view(), with_labels(loaded.labels)).latents;
    for (int l = 1; l <= net.levels(); ++l) {
      const auto from = net.latent(l, z.view());
      const auto to = net.latent(l, sum.view());
      for (Index i = 0; i < from.size(); ++i) to[i % to.size()] += static_cast<double>(from[i]);
    }
    count += x.batch();
  }
  require<FileError>(count > 0, "none of ", images.size(), " images ", which,
                     " the attribute can be decoded");
  for (double& v : sum) v /= static_cast<double>(count);
  return sum;
}

double square_norm(const float* z, Index size) {
  double sum = 0;
  for (Index i = 0; i < size; ++i) sum += static_cast<double>(z[i]) * static_cast<double>(z[i]);
  return sum;
}

// to = z + strength v, scaled to the norm of z; each has `size` numbers.
void move(const float* z, const float* v, double strength, float* to, Index size) {
  for (Index i = 0; i < size; ++i) to[i] = z[i] + static_cast<float>(strength) * v[i];
  const double before = square_norm(z, size), after = square_norm(to, size);
  if (after == 0) return;
  const auto scale = static_cast<float>(std::sqrt(before / after));
  for (Index i = 0; i < size; ++i) to[i] *= scale;
}

}  // namespace

LatentVector latent_vector(const AnyModel& model, const Dataset& data, const WithAndWithout& of,
                           const std::string& attribute, int bits, Index batch) {
  const auto with = mean_latents(model, data, of.with, "with", bits, batch);
  const auto without = mean_latents(model, data, of.without, "without", bits, batch);
  LatentVector v{attribute, Tensor<float>(with.shape())};
  for (Index i = 0; i < v.difference.size(); ++i) v.difference[i] = static_cast<float>(with[i] - without[i]);
  return v;
}

Tensor<float> moved(const ImageNet& net, const Tensor<float>& z, const LatentVector& v,
                    const std::vector<double>& strengths, const std::vector<int>& levels) {
  const Shape& s = z.shape();
  const auto columns = static_cast<Index>(strengths.size());
  Tensor<float> rows(Shape{s[0] * columns, s[1], s[2], s[3]});
  for (int l = 1; l <= net.levels(); ++l) {
    const bool moves = std::find(levels.begin(), levels.end(), l) != levels.end();
    const auto from = net.latent(l, z.view()), by = net.latent(l, v.difference.view());
    const auto to = net.latent(l, rows.view());
    const Index size = by.size();
    for (Index i = 0; i < to.batch(); ++i) {
      const double strength = moves ? strengths[static_cast<std::size_t>(i % columns)] : 0;
      move(from.data() + i / columns * size, by.data(), strength, to.data() + i * size, size);
    }
  }
  return rows;
}

void check_replaceable(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) open_vector_file(path);
}

void save_vector(const std::filesystem::path& path, const LatentVector& vector, const Checkpoint& model) {
  check_replaceable(path);
  const ImageNet net(*model.description.architecture);
  SafetensorsWriter writer;
  for (int l = 1; l <= net.levels(); ++l) {
    const auto v = net.latent(l, vector.difference.view());
    writer.add(name_of(l), View<const float>(v.data(), {v.height(), v.width(), v.channels()}));
  }
  writer.metadata("format", format);
  writer.metadata("attribute", to_utf8(vector.attribute));
  writer.metadata("architecture", architecture_settings(model.config).dump());
  writer.metadata("image", text_of(model.image));
  writer.metadata("model", hash_of_model(model));
  writer.metadata("step", std::to_string(model.state.steps));
  writer.save(path);
}

LatentVector open_vector(const std::filesystem::path& path, const Checkpoint& model) {
  const SafetensorsFile file = open_vector_file(path);
  const std::string lead = "'" + path.string() + "': ";
  const Config of = config_from_file(parse_json(file.metadata("architecture"), lead + "its architecture"));
  const auto theirs = architecture_settings(of), ours = architecture_settings(model.config);
  for (const auto& [name, value] : ours.items())
    require<CheckpointError>(theirs.at(name) == value, lead, "a vector of a model with ", name, " ",
                             theirs.at(name).dump(), ", but this one has ", name, " ", value.dump());
  require<CheckpointError>(file.metadata("image") == text_of(model.image), lead,
                           "a vector of a model of images ", file.metadata("image"),
                           ", but this one is of images ", text_of(model.image));
  if (file.metadata("model") != hash_of_model(model))
    warn(lead, "a vector of another model of this architecture, at step ", file.metadata("step"),
         ", while this one is at step ", model.state.steps);
  LatentVector v{from_utf8(file.metadata("attribute")),
                 Tensor<float>(Shape{1, model.image[0], model.image[1], model.image[2]})};
  const ImageNet net(*model.description.architecture);
  for (int l = 1; l <= net.levels(); ++l) {
    const auto to = net.latent(l, v.difference.view());
    file.read_into(name_of(l), View<float>(to.data(), {to.height(), to.width(), to.channels()}));
    require<CheckpointError>(std::all_of(to.begin(), to.end(), [](float f) { return std::isfinite(f); }),
                             lead, "tensor '", name_of(l), "' holds numbers that are not finite");
  }
  return v;
}

}  // namespace glow::app
