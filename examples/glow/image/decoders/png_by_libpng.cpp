// PNG by libpng.
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <png.h>

#include "image/picture_reader.hpp"

namespace glow::app {

namespace {

// Chunks that say nothing about the pixels as we take them; their contents, which may unpack to gigabytes,
// are passed over.
constexpr std::array<png_byte, 90> ignored_chunks = [] {
  constexpr char names[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0sTER\0tEXt\0tIME"
      "\0zTXt";
  static_assert(sizeof names == 90);
  std::array<png_byte, 90> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<png_byte>(names[i]);
  return bytes;
}();

class PngReader : public PictureReader {
 public:
  explicit PngReader(std::span<const std::uint8_t> file) : left_(file) {
    png_ = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, this,
        [](png_structp png, png_const_charp text) {
          static_cast<PngReader*>(png_get_error_ptr(png))->fail(text);
        },
        [](png_structp, png_const_charp) {});
    png_info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (png_info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
    try {
      guarded([&] { read_header(); });
    } catch (...) {
      png_destroy_read_struct(&png_, &png_info_, nullptr);
      throw;
    }
  }
  ~PngReader() override { png_destroy_read_struct(&png_, &png_info_, nullptr); }

  void start(double) override {
    guarded([&] { png_read_update_info(png_, png_info_); });
    if (!header_.kept_whole) return;
    const std::size_t row = static_cast<std::size_t>(header_.width * header_.channels);
    whole_.resize(row * static_cast<std::size_t>(header_.height));
    guarded([&] {
      for (int pass = 0; pass < passes_; ++pass) {
        for (std::size_t at = 0; at < whole_.size(); at += row)
          png_read_row(png_, whole_.data() + at, nullptr);
      }
    });
  }

  void read_row(std::uint8_t* row) override {
    if (!header_.kept_whole) return guarded([&] { png_read_row(png_, row, nullptr); });
    const std::size_t size = static_cast<std::size_t>(header_.width * header_.channels);
    std::memcpy(row, whole_.data() + taken_, size);
    taken_ += size;
  }

  void finish() override {
    guarded([&] { png_read_end(png_, nullptr); });
  }

 private:
  // Called within libpng only: back to the call in guarded().
  [[noreturn]] void fail(const char* message) {
    std::snprintf(message_.data(), message_.size(), "%s", message);
    std::longjmp(before_call_, 1);
  }

  // Calls libpng. Between here and there no object may need its destructor.
  template <class Call>
  void guarded(Call call) {
    if (setjmp(before_call_) != 0) throw PictureError(std::string("damaged PNG: ") + message_.data());
    call();
  }

  void read_header() {
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, ignored_chunks.data(),
                                static_cast<int>(ignored_chunks.size() / 5));
    png_set_read_fn(png_, this, [](png_structp png, png_bytep to, png_size_t size) {
      PngReader& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
      if (size > reader.left_.size()) reader.fail("it is cut short");
      std::memcpy(to, reader.left_.data(), size);
      reader.left_ = reader.left_.subspan(size);
    });
    png_read_info(png_, png_info_);
    png_set_expand(png_);  // palettes to colours, bits to bytes, a transparent colour to opacities
    png_set_scale_16(png_);
    passes_ = png_set_interlace_handling(png_);
    const int colours = png_get_color_type(png_, png_info_);
    const bool opacity =
        (colours & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, png_info_, PNG_INFO_tRNS) != 0;
    header_.height = static_cast<Index>(png_get_image_height(png_, png_info_));
    header_.width = static_cast<Index>(png_get_image_width(png_, png_info_));
    header_.channels = ((colours & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1) + (opacity ? 1 : 0);
    header_.kept_whole = passes_ > 1;
  }

  png_structp png_ = nullptr;
  png_infop png_info_ = nullptr;
  std::jmp_buf before_call_{};
  std::array<char, 200> message_{};
  std::span<const std::uint8_t> left_;  // of the file
  int passes_ = 1;
  std::vector<std::uint8_t> whole_;  // of an interlaced picture
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<PictureReader> open_png(std::span<const std::uint8_t> file) {
  return std::make_unique<PngReader>(file);
}

}  // namespace glow::app
