// Datasets by the text of --data.
#pragma once

#include <memory>
#include <optional>

#include <glow/data/dataset.hpp>

#include "image/read_picture.hpp"

namespace glow::app {

/// Height and width that images are to be brought to.
struct ImageSize {
  Index height, width;
};

/// The order of a folder's pictures: see OrderedByName, and for runs from before that ShuffledDataset, which
/// is another one whenever the folder changes.
enum class FolderOrder { by_name, shuffled };

/// How picture files of a folder or of shards are read; the order is a folder's.
struct PictureOptions {
  Index most_pixels = default_most_pixels;  ///< files of more pixels are not decoded
  Index cache_bytes = Index{1024} << 20;    ///< decoded and resized pictures that are kept in memory
  FolderOrder order = FolderOrder::by_name;
};

/// "digits" (the bundled set), an IDX file or a folder of them (see read_idx), a CIFAR-10 .bin file or
/// folder, a folder of JPEG and PNG images, or such images in tar shards (see shard_files). Images are cut
/// and resized to `size`; without it IDX and CIFAR-10 keep their own, and folders and shards take 64x64.
/// `channels`: 1 makes them grey, 3 coloured, and 0 leaves the data's own, which for a folder or shards are 1
/// if all of the pictures are grey, else 3. What else lies there is named on stderr. Every command that takes
/// images takes them from here. Throws FileError, naming the path and what was found, for anything else, and
/// Error for other channels.
std::unique_ptr<Dataset> open_dataset(const std::string& data, std::optional<ImageSize> size,
                                      Index channels = 0, const PictureOptions& pictures = {});

/// The same for a model of images [H, W, C]. Where `channels` leaves the data's own, grey images become
/// coloured for a model that is, and pictures of a folder have the model's channels. Throws ShapeError for
/// other images that do not fit the model.
std::unique_ptr<Dataset> open_dataset_for(const Shape& image, const std::string& data, Index channels,
                                          const PictureOptions& pictures = {});

/// True for data whose images are picture files, in a folder or in shards.
bool are_pictures(const std::string& data);

/// True if there is something at the place that `data` name.
bool data_exist(const std::string& data);

/// What `data` are by their place: a folder of pictures, or CIFAR-10.
bool is_picture_folder(const std::filesystem::path& path);
bool is_cifar10(const std::filesystem::path& path);

/// True if every image [H, W, 3] that can be decoded is grey, and there is one.
bool all_grey(const Dataset& data);

}  // namespace glow::app
