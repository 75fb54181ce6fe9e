#include "data/image_folder.hpp"

#include <algorithm>

#include "data/foreign_data.hpp"

namespace glow::app {

ImageFolder::ImageFolder(const std::filesystem::path& folder, const Shape& image, Index most_pixels)
    : image_(image), most_pixels_(most_pixels) {
  require<ShapeError>(image.rank() == 3 && (image[2] == 1 || image[2] == 3), "image folder: images ", image,
                      " must have 1 or 3 channels");
  found_ = find_picture_files(folder);
  if (!found_.files.empty()) return;
  throw FileError(join("'", folder.string(), "': no *.jpg, *.jpeg or *.png in this folder or below",
                       found_.left_out.empty() ? "" : "; left out: ", found_.left_out,
                       foreign_data_hint(folder)));
}

bool ImageFolder::load(Index i, std::uint8_t* out) const {
  try {
    const Picture picture = read_picture(found_.files[static_cast<std::size_t>(i)], image_, most_pixels_);
    std::copy(picture.pixels.begin(), picture.pixels.end(), out);
    return true;
  } catch (const FileError& e) {
    const std::lock_guard lock(mutex_);
    reasons_[i] = e.what();
    return false;
  }
}

std::string ImageFolder::failure(Index i) const {
  const std::lock_guard lock(mutex_);
  const auto reason = reasons_.find(i);
  return reason == reasons_.end() ? Dataset::failure(i) : Dataset::failure(i) + ": " + reason->second;
}

}  // namespace glow::app
