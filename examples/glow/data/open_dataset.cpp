#include "data/open_dataset.hpp"

#include <atomic>
#include <cmath>
#include <span>
#include <utility>

#include <glow/core/parallel.hpp>
#include <glow/core/warning.hpp>
#include <glow/data/cached.hpp>
#include <glow/data/cifar10.hpp>
#include <glow/data/idx.hpp>
#include <glow/data/shard_dataset.hpp>
#include <glow/data/shuffled.hpp>

#include "data/embedded_digits.hpp"
#include "data/foreign_data.hpp"
#include "data/idx_files.hpp"
#include "data/image_folder.hpp"
#include "data/left_out.hpp"
#include "data/ordered_by_name.hpp"
#include "data/shard_files.hpp"
#include "image/resize.hpp"

namespace glow::app {

namespace {

std::unique_ptr<Dataset> resized(MemoryDataset data, std::optional<ImageSize> size) {
  const Shape from = data.shape();
  if (!size || (size->height == from[0] && size->width == from[1]))
    return std::make_unique<MemoryDataset>(std::move(data));
  std::vector<std::uint8_t> pixels;
  Picture picture{from[0], from[1], from[2],
                  std::vector<std::uint8_t>(static_cast<std::size_t>(from.size()))};
  for (Index i = 0; i < data.size(); ++i) {
    data.load(i, picture.pixels.data());
    const Picture small = resize(picture, size->height, size->width);
    pixels.insert(pixels.end(), small.pixels.begin(), small.pixels.end());
  }
  return std::make_unique<MemoryDataset>(Shape{size->height, size->width, from[2]}, std::move(pixels));
}

// The same with 1 channel or 3: grey is repeated, colour becomes its luma.
MemoryDataset with_channels(MemoryDataset data, Index channels, const std::string& name) {
  const Shape from = data.shape();
  if (channels == 0 || channels == from[2]) return data;
  require<ShapeError>(from[2] == 1 || from[2] == 3, "data: '", name, "' has images ", from, ", whose ",
                      from[2], " channels cannot become ", channels);
  std::vector<std::uint8_t> image(static_cast<std::size_t>(from.size())), pixels;
  pixels.reserve(static_cast<std::size_t>(data.size() * from[0] * from[1] * channels));
  for (Index i = 0; i < data.size(); ++i) {
    data.load(i, image.data());
    for (auto p = image.begin(); p != image.end(); p += from[2]) {
      if (channels == 1) {
        const double luma = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];  // of ITU-R BT.601
        pixels.push_back(static_cast<std::uint8_t>(std::lround(luma)));
      } else {
        pixels.insert(pixels.end(), 3, *p);
      }
    }
  }
  return MemoryDataset({from[0], from[1], channels}, std::move(pixels));
}

bool holds_cifar10(const std::filesystem::path& folder) {
  std::error_code error;  // a folder that cannot be listed is ImageFolder's to refuse
  const std::filesystem::directory_iterator entries(folder, error);
  return std::any_of(begin(entries), end(entries), [](const auto& entry) {
    const std::string name = entry.path().filename().string();
    return name.starts_with("data_batch_") && name.ends_with(".bin");
  });
}

bool is_grey(std::span<const std::uint8_t> image) {
  for (std::size_t i = 0; i + 2 < image.size(); i += 3) {
    if (image[i] != image[i + 1] || image[i] != image[i + 2]) return false;
  }
  return true;
}

void warn_of_left_out(const std::string& data, const std::string& left_out) {
  if (!left_out.empty()) glow::warn("'", data, "': left out: ", left_out);
}

// Pictures in the model's channels or, where these are 0, in their own; open(channels) opens them.
template <class Open>
std::unique_ptr<Dataset> in_channels(Index channels, Open open) {
  if (channels > 0) return open(channels);
  std::unique_ptr<Dataset> colour = open(Index{3});
  return all_grey(*colour) ? open(Index{1}) : std::move(colour);
}

std::unique_ptr<Dataset> open_folder(const std::filesystem::path& path, ImageSize size, Index channels,
                                     const PictureOptions& options) {
  bool warned = false;
  return in_channels(channels, [&](Index c) -> std::unique_ptr<Dataset> {
    auto files = std::make_unique<ImageFolder>(path, Shape{size.height, size.width, c}, options.most_pixels);
    if (!std::exchange(warned, true)) warn_of_left_out(path.string(), files->left_out());
    auto cached = std::make_unique<CachedDataset>(std::move(files), options.cache_bytes);
    if (options.order == FolderOrder::shuffled) return std::make_unique<ShuffledDataset>(std::move(cached));
    return std::make_unique<OrderedByName>(std::move(cached), path);
  });
}

std::unique_ptr<Dataset> open_shards(const std::string& data, ImageSize size, Index channels,
                                     const PictureOptions& options) {
  const auto index = std::make_shared<const ShardIndex>(shard_files(data));
  const std::string left_out = left_out_text(index->left_out());
  require<FileError>(index->size() > 0, "data: '", data, "': no *.jpg, *.jpeg or *.png in these shards",
                     left_out.empty() ? "" : "; left out: ", left_out);
  warn_of_left_out(data, left_out);
  return in_channels(channels, [&](Index c) {
    const Shape image{size.height, size.width, c};
    const auto decode = [image, most = options.most_pixels](std::span<const std::uint8_t> file,
                                                            std::uint8_t* out) {
      const Picture picture = decode_picture(file, image, most);
      std::copy(picture.pixels.begin(), picture.pixels.end(), out);
    };
    const auto most_bytes = static_cast<std::uint64_t>(options.most_pixels) * 8;  // see read_picture
    return std::make_unique<CachedDataset>(std::make_unique<ShardDataset>(index, image, decode, most_bytes),
                                           options.cache_bytes);
  });
}

}  // namespace

bool is_picture_folder(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) && !holds_cifar10(path) && !holds_mnist(path) &&
         !is_shards(path.string());
}

bool are_pictures(const std::string& data) { return is_shards(data) || is_picture_folder(data); }

bool data_exist(const std::string& data) {
  std::error_code error;  // what cannot be looked at is not there
  if (data == "digits" || std::filesystem::exists(data, error)) return true;
  if (!is_shards(data)) return false;
  try {
    return !shard_files(data).empty();
  } catch (const FileError&) {
    return false;
  }
}

bool is_cifar10(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? holds_cifar10(path) : path.extension() == ".bin";
}

bool all_grey(const Dataset& data) {
  const auto size = static_cast<std::size_t>(data.shape().size());
  std::atomic<bool> any{false}, colour{false};
  // The first one alone settles it for most data; a set of grey pictures has to be gone through.
  for (Index first = 0, count = 1; first < data.size() && !colour; first += count, count = 256) {
    parallel_for(std::min(count, data.size() - first), [&](Index i) {
      std::vector<std::uint8_t> image(size);
      if (colour || !data.load(first + i, image.data())) return;
      any = true;
      if (!is_grey(image)) colour = true;
    });
  }
  return any && !colour;
}

std::unique_ptr<Dataset> open_dataset_for(const Shape& image, const std::string& data, Index channels,
                                          const PictureOptions& pictures) {
  const ImageSize size{image[0], image[1]};
  if (channels == 0 && are_pictures(data)) channels = image[2];
  auto images = open_dataset(data, size, channels, pictures);
  if (channels == 0 && image[2] == 3 && images->shape()[2] == 1)
    images = open_dataset(data, size, 3, pictures);
  require<ShapeError>(images->shape() == image, "data: images ", images->shape(), " do not fit the model's ",
                      image);
  return images;
}

std::unique_ptr<Dataset> open_dataset(const std::string& data, std::optional<ImageSize> size, Index channels,
                                      const PictureOptions& pictures) {
  require(channels == 0 || channels == 1 || channels == 3, "channels: ", channels,
          " must be 1 (grey) or 3 (colour), or 0 for the data's own");
  const auto in_memory = [&](MemoryDataset images) {
    return resized(with_channels(std::move(images), channels, data), size);
  };
  if (data == "digits") return in_memory(read_idx_images(embedded_digits(), "digits"));
  constexpr ImageSize size_of_pictures{64, 64};
  if (is_shards(data)) return open_shards(data, size.value_or(size_of_pictures), channels, pictures);
  const std::filesystem::path path(data);
  require<FileError>(std::filesystem::exists(path), "data: '", data, "' does not exist; ",
                     absent_data_hint(data));
  if (is_picture_folder(path)) return open_folder(path, size.value_or(size_of_pictures), channels, pictures);
  if (is_cifar10(path)) return in_memory(read_cifar10(path));
  require<FileError>(!data.ends_with(".tar.gz") && path.extension() != ".zip", "data: '", data,
                     "' is compressed; unpack it first");
  return in_memory(read_idx(path));
}

}  // namespace glow::app
