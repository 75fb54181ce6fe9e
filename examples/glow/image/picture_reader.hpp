// Decoders of picture files behind one interface: rows of a picture, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <glow/core/error.hpp>
#include <glow/core/shape.hpp>

namespace glow::app {

/// A file is no picture that can be read; what() is the reason, without the file's name.
class PictureError : public FileError {
 public:
  using FileError::FileError;
};

/// What the header of a picture file says.
struct PictureHeader {
  Index height = 0, width = 0;  ///< as stored, before EXIF's orientation turns the picture
  Index channels = 0;       ///< of the rows: 1 grey, 2 grey and opacity, 3 red, green, blue, 4 and opacity
  bool kept_whole = false;  ///< the decoder holds the whole picture, up to 8 bytes a pixel, not a few rows
};

/// A picture file that is being decoded. Its header is read when it is opened; memory for pixels is taken by
/// start(). All members throw PictureError for a file that is damaged, cut short or of a kind that is not
/// offered.
class PictureReader {
 public:
  PictureReader() = default;
  PictureReader(const PictureReader&) = delete;
  PictureReader& operator=(const PictureReader&) = delete;
  virtual ~PictureReader() = default;

  const PictureHeader& header() const { return header_; }

  /// Before the first row. Rows and columns may be decoded fewer by a factor of up to `shrink`, where the
  /// decoder has a fast way to do so; the header's height and width then are those of the rows to come.
  virtual void start(double shrink) = 0;
  /// The next row, width x channels bytes. To be called height times.
  virtual void read_row(std::uint8_t* row) = 0;
  /// After the last row: checks that the file ends as it should.
  virtual void finish() = 0;

 protected:
  PictureHeader header_;
};

/// Opens a JPEG file, which must outlive the reader. CMYK becomes red, green and blue.
std::unique_ptr<PictureReader> open_jpeg(std::span<const std::uint8_t> file);

/// Opens a PNG file, which must outlive the reader. Palettes become red, green and blue; 16 bits become 8.
std::unique_ptr<PictureReader> open_png(std::span<const std::uint8_t> file);

}  // namespace glow::app
