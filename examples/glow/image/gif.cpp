#include <memory>

#include <gif_lib.h>

#include <glow/io/atomic_file.hpp>

#include "image/picture.hpp"

namespace glow::app {

namespace {

int append(GifFileType* gif, const GifByteType* data, int size) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  return size;
}

// One palette for all pictures: 256 greys, or 6 x 7 x 6 colours (the eye sees green best).
struct Palette {
  Index channels;

  std::vector<GifColorType> colours() const {
    std::vector<GifColorType> all(256);
    for (std::size_t i = 0; i < 256; ++i) {
      const auto grey = static_cast<GifByteType>(i);
      all[i] = {grey, grey, grey};
      if (channels == 3 && i < 252) {
        all[i] = {static_cast<GifByteType>(i / 42 * 51), static_cast<GifByteType>(i / 6 % 7 * 255 / 6),
                  static_cast<GifByteType>(i % 6 * 51)};
      }
    }
    return all;
  }
  GifByteType index(const std::uint8_t* pixel) const {
    if (channels == 1) return pixel[0];
    const int red = (pixel[0] * 5 + 127) / 255, green = (pixel[1] * 6 + 127) / 255,
              blue = (pixel[2] * 5 + 127) / 255;
    return static_cast<GifByteType>(red * 42 + green * 6 + blue);
  }
};

}  // namespace

void write_gif(const std::filesystem::path& path, Index count, const std::function<Picture(Index)>& frame_at,
               int hundredths) {
  Index asked = 0;
  Picture frame;
  const auto next = [&] {
    for (frame = {}; asked < count && frame.height == 0;) frame = frame_at(asked++);
    return frame.height > 0;
  };
  require<FileError>(next(), "'", path.string(), "': a GIF needs at least one picture");
  constexpr Index most = 65535;  // extents have 16 bits in the format
  require<FileError>(frame.whole() && frame.height <= most && frame.width <= most, "'", path.string(),
                     "': a picture of ", frame.height, "x", frame.width, "x", frame.channels, " with ",
                     frame.pixels.size(), " bytes cannot be in a GIF");
  detail::TemporaryFile file(path);
  std::string bytes;  // that the encoder has made and the file has not got yet
  const auto flush = [&] {
    file.write(bytes_of(bytes));
    bytes.clear();
  };
  int error = 0;
  const auto check = [&](bool ok) {
    if (ok) return;
    const char* reason = GifErrorString(error);
    throw FileError(
        join("'", path.string(), "': cannot encode GIF: ", reason != nullptr ? reason : "giflib failed"));
  };
  std::unique_ptr<GifFileType, void (*)(GifFileType*)> gif(EGifOpen(&bytes, append, &error),
                                                           [](GifFileType* g) { EGifCloseFile(g, nullptr); });
  check(gif != nullptr);
  EGifSetGifVersion(gif.get(), true);
  const Palette palette{frame.channels};
  const auto colours = palette.colours();
  const std::unique_ptr<ColorMapObject, void (*)(ColorMapObject*)> map(GifMakeMapObject(256, colours.data()),
                                                                       GifFreeMapObject);
  const int width = static_cast<int>(frame.width), height = static_cast<int>(frame.height);
  check(EGifPutScreenDesc(gif.get(), width, height, 8, 0, map.get()) == GIF_OK);
  // The extension by which GIFs loop for ever: name, then sub-block 1 with a count of 0.
  check(EGifPutExtensionLeader(gif.get(), APPLICATION_EXT_FUNC_CODE) == GIF_OK);
  check(EGifPutExtensionBlock(gif.get(), 11, "NETSCAPE2.0") == GIF_OK);
  check(EGifPutExtensionBlock(gif.get(), 3, "\x01\x00\x00") == GIF_OK);
  check(EGifPutExtensionTrailer(gif.get()) == GIF_OK);
  std::vector<GifByteType> line(static_cast<std::size_t>(width));
  do {
    require<FileError>(
        frame.whole() && frame.width == width && frame.height == height && frame.channels == palette.channels,
        "'", path.string(), "': pictures of a GIF must have one size");
    GraphicsControlBlock control{};
    control.DelayTime = hundredths;
    control.TransparentColor = NO_TRANSPARENT_COLOR;
    GifByteType block[4];
    check(EGifPutExtension(gif.get(), GRAPHICS_EXT_FUNC_CODE,
                           static_cast<int>(EGifGCBToExtension(&control, block)), block) == GIF_OK);
    check(EGifPutImageDesc(gif.get(), 0, 0, width, height, false, nullptr) == GIF_OK);
    for (Index y = 0; y < frame.height; ++y) {
      for (Index x = 0; x < frame.width; ++x) {
        line[static_cast<std::size_t>(x)] =
            palette.index(frame.pixels.data() + (y * frame.width + x) * frame.channels);
      }
      check(EGifPutLine(gif.get(), line.data(), width) == GIF_OK);
    }
    flush();
  } while (next());
  check(EGifCloseFile(gif.release(), &error) == GIF_OK);
  flush();
  file.commit();
}

}  // namespace glow::app
