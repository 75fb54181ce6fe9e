// A folder of JPEG and PNG files as a dataset.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>

#include <glow/data/dataset.hpp>

#include "data/picture_files.hpp"
#include "image/read_picture.hpp"

namespace glow::app {

/// The picture files below a folder (see find_picture_files), each decoded when it is asked for: turned
/// upright, cut to the asked ratio and resized by area.
class ImageFolder : public Dataset {
 public:
  /// `image` [H, W, C], C 1 or 3. Files of more than `most_pixels` pixels are not decoded. Throws FileError
  /// if there are no picture files, or a folder cannot be listed.
  ImageFolder(const std::filesystem::path& folder, const Shape& image,
              Index most_pixels = default_most_pixels);

  Index size() const override { return static_cast<Index>(found_.files.size()); }
  Shape shape() const override { return image_; }
  bool load(Index i, std::uint8_t* out) const override;
  std::string name(Index i) const override { return found_.files[static_cast<std::size_t>(i)].string(); }
  std::filesystem::path file(Index i) const override { return found_.files[static_cast<std::size_t>(i)]; }
  std::string failure(Index i) const override;
  bool slow() const override { return true; }

  /// What lies in the folder and is no image of this, counted by reason; "" if there is nothing.
  const std::string& left_out() const { return found_.left_out; }

 private:
  Shape image_;
  Index most_pixels_;
  PictureFiles found_;
  mutable std::mutex mutex_;
  mutable std::map<Index, std::string> reasons_;  // of images that could not be decoded
};

}  // namespace glow::app
