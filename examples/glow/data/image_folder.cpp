#include "data/image_folder.hpp"

#include <algorithm>
#include <cctype>

#include "image/picture.hpp"

namespace glow::app {

namespace {

bool is_image(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

}  // namespace

ImageFolder::ImageFolder(const std::filesystem::path& folder, const Shape& image) : image_(image) {
  require<ShapeError>(image.rank() == 3 && (image[2] == 1 || image[2] == 3), "image folder: images ", image,
                      " must have 1 or 3 channels");
  try {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && is_image(entry.path())) files_.push_back(entry.path());
    }
  } catch (const std::filesystem::filesystem_error& e) {
    throw FileError(join("cannot list the folder '", e.path1().string(), "': ", e.code().message()));
  }
  std::sort(files_.begin(), files_.end());
  require<FileError>(!files_.empty(), "'", folder.string(),
                     "': no *.jpg, *.jpeg or *.png in this folder or below");
}

bool ImageFolder::load(Index i, std::uint8_t* out) const {
  const Picture picture = read_picture(files_[static_cast<std::size_t>(i)], image_[2]);
  if (picture.height == 0) return false;
  const Picture small = resize(picture, image_[0], image_[1]);
  std::copy(small.pixels.begin(), small.pixels.end(), out);
  return true;
}

}  // namespace glow::app
