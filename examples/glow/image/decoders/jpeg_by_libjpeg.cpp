// JPEG by libjpeg-turbo, or another library with libjpeg's interface.
#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>
#include <vector>

#include <jerror.h>
#include <jpeglib.h>

#include "image/picture_reader.hpp"

namespace glow::app {

namespace {

// A progressive file of a few kilobytes may ask for thousands of passes over all its pixels; cameras and
// encoders use some ten.
constexpr int most_scans = 100;

class JpegReader : public PictureReader {
 public:
  explicit JpegReader(std::span<const std::uint8_t> file) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { self(info).fail(); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && !harmless(info->err->msg_code)) self(info).fail();
    };
    info_.client_data = this;
    progress_.progress_monitor = [](j_common_ptr info) {
      if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > most_scans)
        self(info).fail("it has too many scans");
    };
    try {
      guarded([&] {
        jpeg_create_decompress(&info_);
        info_.progress = &progress_;
        jpeg_mem_src(&info_, const_cast<unsigned char*>(file.data()),  // as older libraries declare it
                     static_cast<unsigned long>(file.size()));
        jpeg_read_header(&info_, TRUE);
        set_colours();
      });
    } catch (...) {
      jpeg_destroy_decompress(&info_);
      throw;
    }
    header_.height = static_cast<Index>(info_.image_height);
    header_.width = static_cast<Index>(info_.image_width);
    header_.channels = info_.out_color_space == JCS_GRAYSCALE ? 1 : 3;
    header_.kept_whole = jpeg_has_multiple_scans(&info_) != FALSE;
  }
  ~JpegReader() override { jpeg_destroy_decompress(&info_); }

  void start(double shrink) override {
    info_.scale_denom = 1;
    while (info_.scale_denom < 8 && 2 * info_.scale_denom <= shrink) info_.scale_denom *= 2;
    guarded([&] { jpeg_start_decompress(&info_); });
    header_.height = static_cast<Index>(info_.output_height);
    header_.width = static_cast<Index>(info_.output_width);
    if (info_.out_color_space == JCS_CMYK) inks_.resize(static_cast<std::size_t>(header_.width) * 4);
  }

  void read_row(std::uint8_t* row) override {
    guarded([&] {
      JSAMPROW to = inks_.empty() ? row : inks_.data();
      jpeg_read_scanlines(&info_, &to, 1);
    });
    for (std::size_t i = 0; i < inks_.size(); i += 4, row += 3) {
      // Files hold 255 minus the ink, that is, the light that it leaves; Adobe began it, and readers expect
      // it.
      for (std::size_t c = 0; c < 3; ++c)
        row[c] = static_cast<std::uint8_t>((inks_[i + c] * inks_[i + 3] + 127) / 255);
    }
  }

  void finish() override {
    guarded([&] { jpeg_finish_decompress(&info_); });
  }

 private:
  static JpegReader& self(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }

  // Warnings that say nothing about the pixels.
  static bool harmless(int code) {
    return code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  }

  // Called within libjpeg only: back to the call in guarded().
  [[noreturn]] void fail() {
    errors_.format_message(reinterpret_cast<j_common_ptr>(&info_), message_.data());
    std::longjmp(before_call_, 1);
  }
  [[noreturn]] void fail(const char* message) {
    std::snprintf(message_.data(), message_.size(), "%s", message);
    std::longjmp(before_call_, 1);
  }

  // Calls libjpeg. Between here and there no object may need its destructor.
  template <class Call>
  void guarded(Call call) {
    if (setjmp(before_call_) != 0) throw PictureError(std::string("damaged JPEG: ") + message_.data());
    call();
  }

  void set_colours() {
    if (info_.jpeg_color_space == JCS_GRAYSCALE) {
      info_.out_color_space = JCS_GRAYSCALE;
    } else if (info_.jpeg_color_space == JCS_YCbCr || info_.jpeg_color_space == JCS_RGB) {
      info_.out_color_space = JCS_RGB;
    } else if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK) {
      info_.out_color_space = JCS_CMYK;
    } else {
      fail("its channels are neither grey, colour nor CMYK");
    }
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf before_call_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
  std::vector<std::uint8_t> inks_;  // a row of cyan, magenta, yellow and black
};

}  // namespace

std::unique_ptr<PictureReader> open_jpeg(std::span<const std::uint8_t> file) {
  return std::make_unique<JpegReader>(file);
}

}  // namespace glow::app
