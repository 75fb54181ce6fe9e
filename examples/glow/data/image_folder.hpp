// A folder of JPEG and PNG files as a dataset.
#pragma once

#include <filesystem>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// All *.jpg, *.jpeg and *.png (in any case) below a folder, in the order of their paths, each decoded when
/// it is asked for: cut to the asked ratio and resized by area. Throws FileError if there are none, or a
/// folder cannot be listed.
class ImageFolder : public Dataset {
 public:
  /// `image` [H, W, C], C 1 or 3.
  ImageFolder(const std::filesystem::path& folder, const Shape& image);

  Index size() const override { return static_cast<Index>(files_.size()); }
  Shape shape() const override { return image_; }
  bool load(Index i, std::uint8_t* out) const override;
  std::string name(Index i) const override { return files_[static_cast<std::size_t>(i)].string(); }
  std::filesystem::path file(Index i) const override { return files_[static_cast<std::size_t>(i)]; }

 private:
  Shape image_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace glow::app
