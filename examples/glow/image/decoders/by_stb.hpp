// The part that both readers by stb share; each includes this after it has said which format stb is to read.
#pragma once

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#include <algorithm>
#include <limits>

#include <stb/stb_image.h>

#include "image/picture_reader.hpp"

namespace glow::app {

namespace {

class StbReader : public PictureReader {
 public:
  explicit StbReader(std::span<const std::uint8_t> file) : file_(file) {
    if (file.size() > std::numeric_limits<int>::max()) throw PictureError("files beyond 2 GiB are not read");
    int height = 0, width = 0, channels = 0;
    if (stbi_info_from_memory(file_.data(), static_cast<int>(file_.size()), &width, &height, &channels) == 0)
      fail();
    header_ = {height, width, channels, true};
  }

  void start(double) override {
    int height = 0, width = 0, channels = 0;
    pixels_.reset(
        stbi_load_from_memory(file_.data(), static_cast<int>(file_.size()), &width, &height, &channels, 0));
    if (pixels_ == nullptr) fail();
    header_ = {height, width, channels, true};
  }

  void read_row(std::uint8_t* row) override {
    const Index size = header_.width * header_.channels;
    std::copy_n(pixels_.get() + size * next_++, size, row);
  }

  void finish() override {}

 private:
  // stb's own reasons may hold bytes of the file.
  [[noreturn]] static void fail() { throw PictureError("damaged, or of a form that stb does not read"); }

  std::span<const std::uint8_t> file_;
  std::unique_ptr<stbi_uc, void (*)(void*)> pixels_{nullptr, stbi_image_free};
  Index next_ = 0;
};

}  // namespace

}  // namespace glow::app
