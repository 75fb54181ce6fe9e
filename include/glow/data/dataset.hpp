// Datasets of 8-bit images of one size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <glow/core/error.hpp>
#include <glow/core/shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A file within an archive, such as a tar file.
struct ArchivedFile {
  std::filesystem::path archive;  ///< empty: there is none
  std::string name;               ///< its path in the archive
  std::uint64_t first = 0;        ///< the byte of the archive at which it begins
  std::uint64_t bytes = 0;        ///< of it
};

/// A numbered collection of images [H, W, C], 8 bits a channel. Its const members may be called by several
/// threads.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual Index size() const = 0;
  /// [H, W, C]
  virtual Shape shape() const = 0;
  /// Writes image i, H W C bytes; false if it cannot be decoded. Throws FileError where the data as a whole
  /// cannot be read any more.
  virtual bool load(Index i, std::uint8_t* out) const = 0;
  /// What to call image i in a message.
  virtual std::string name(Index i) const { return "image " + std::to_string(i); }
  /// What identifies image i within its set: its position, or a number that it keeps when others join the
  /// set.
  virtual std::uint64_t key(Index i) const { return static_cast<std::uint64_t>(i); }
  /// The file that holds image i and nothing else; empty if there is none.
  virtual std::filesystem::path file(Index) const { return {}; }
  /// The part of an archive that holds image i and nothing else; without an archive if there is none.
  virtual ArchivedFile archived(Index) const { return {}; }
  /// The first image of each shard, ascending, for data that lie in several files one after the other; empty
  /// for others.
  virtual std::span<const Index> shards() const { return {}; }
  /// Says that these images will be asked for soon, so that slow storage can begin to read them.
  virtual void will_need(std::span<const Index>) const {}
  /// The names of the classes of images; empty for images without classes.
  virtual std::span<const std::string> classes() const { return {}; }
  /// The number in `classes` of image i's class or, where these have no names, the number that the data give
  /// it; -1 for images without one.
  virtual Index label(Index) const { return -1; }
  /// What to say of image i after load() gave false.
  virtual std::string failure(Index i) const { return "'" + name(i) + "' cannot be decoded"; }
  /// True if load() takes long enough, for decoding say, that several threads should share the images.
  virtual bool slow() const { return false; }
};

/// Images held in memory.
class MemoryDataset : public Dataset {
 public:
  /// `pixels` [count, H, W, C]; throws ShapeError if they are not a whole number of images.
  MemoryDataset(Shape image, std::vector<std::uint8_t> pixels) : image_(image), pixels_(std::move(pixels)) {
    require<ShapeError>(
        image.rank() == 3 && image.size() > 0 && static_cast<Index>(pixels_.size()) % image.size() == 0,
        "MemoryDataset: ", pixels_.size(), " pixels are not a whole number of images ", image);
  }

  Index size() const override { return static_cast<Index>(pixels_.size()) / image_.size(); }
  Shape shape() const override { return image_; }
  bool load(Index i, std::uint8_t* out) const override {
    const auto first = pixels_.begin() + i * image_.size();
    std::copy(first, first + image_.size(), out);
    return true;
  }

 private:
  Shape image_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace glow
