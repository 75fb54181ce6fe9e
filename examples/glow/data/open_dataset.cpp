#include "data/open_dataset.hpp"

#include <span>

#include <glow/data/cifar10.hpp>
#include <glow/data/idx.hpp>
#include <glow/data/shuffled.hpp>

#include "data/image_folder.hpp"
#include "image/picture.hpp"

namespace glow::app {

std::span<const std::uint8_t> embedded_digits();  // generated from data/digits-images-idx3-ubyte

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

bool holds_cifar10(const std::filesystem::path& folder) {
  std::error_code error;  // a folder that cannot be listed is ImageFolder's to refuse
  const std::filesystem::directory_iterator entries(folder, error);
  return std::any_of(begin(entries), end(entries), [](const auto& entry) {
    const std::string name = entry.path().filename().string();
    return name.starts_with("data_batch_") && name.ends_with(".bin");
  });
}

}  // namespace

std::unique_ptr<Dataset> open_dataset(const std::string& data, std::optional<ImageSize> size) {
  if (data == "digits") return resized(read_idx_images(embedded_digits(), "digits"), size);
  const std::filesystem::path path(data);
  require<FileError>(std::filesystem::exists(path), "data: '", data,
                     "' does not exist; give 'digits', an IDX file, CIFAR-10 .bin, or a folder of images");
  if (std::filesystem::is_directory(path)) {
    if (holds_cifar10(path)) return resized(read_cifar10(path), size);
    const ImageSize wanted = size.value_or(ImageSize{64, 64});
    return std::make_unique<ShuffledDataset>(
        std::make_unique<ImageFolder>(path, Shape{wanted.height, wanted.width, 3}));
  }
  const std::string extension = path.extension().string();
  require<FileError>(extension != ".gz" && extension != ".zip", "data: '", data,
                     "' is compressed; unpack it first");
  if (extension == ".bin") return resized(read_cifar10(path), size);
  return resized(read_idx_images(path), size);
}

}  // namespace glow::app
