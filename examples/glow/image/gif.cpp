#include <algorithm>
#include <bit>
#include <memory>

#include <gif_lib.h>

#include <glow/io/atomic_file.hpp>

#include "image/palette.hpp"

namespace glow::app {

namespace {

int append(GifFileType* gif, const GifByteType* data, int size) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  return size;
}

using ColourMap = std::unique_ptr<ColorMapObject, void (*)(ColorMapObject*)>;

// A palette as giflib has it, in which the number of colours is a power of two, from 2 to 256.
ColourMap colour_map(const std::vector<Colour>& colours) {
  std::vector<GifColorType> all(std::max<std::size_t>(2, std::bit_ceil(colours.size())));
  std::transform(colours.begin(), colours.end(), all.begin(), [](const Colour& c) {
    return GifColorType{c[0], c[1], c[2]};
  });
  return ColourMap(GifMakeMapObject(static_cast<int>(all.size()), all.data()), GifFreeMapObject);
}

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
  const int width = static_cast<int>(frame.width), height = static_cast<int>(frame.height);
  const Index channels = frame.channels;
  check(EGifPutScreenDesc(gif.get(), width, height, 8, 0, nullptr) == GIF_OK);
  // The extension by which GIFs loop for ever: name, then sub-block 1 with a count of 0.
  check(EGifPutExtensionLeader(gif.get(), APPLICATION_EXT_FUNC_CODE) == GIF_OK);
  check(EGifPutExtensionBlock(gif.get(), 11, "NETSCAPE2.0") == GIF_OK);
  check(EGifPutExtensionBlock(gif.get(), 3, "\x01\x00\x00") == GIF_OK);
  check(EGifPutExtensionTrailer(gif.get()) == GIF_OK);
  do {
    require<FileError>(
        frame.whole() && frame.width == width && frame.height == height && frame.channels == channels, "'",
        path.string(), "': pictures of a GIF must have one size");
    GraphicsControlBlock control{};
    control.DelayTime = hundredths;
    control.TransparentColor = NO_TRANSPARENT_COLOR;
    GifByteType block[4];
    check(EGifPutExtension(gif.get(), GRAPHICS_EXT_FUNC_CODE,
                           static_cast<int>(EGifGCBToExtension(&control, block)), block) == GIF_OK);
    PalettePicture picture = to_palette(frame);
    const ColourMap map = colour_map(picture.colours);
    check(map != nullptr);
    check(EGifPutImageDesc(gif.get(), 0, 0, width, height, false, map.get()) == GIF_OK);
    for (auto line = picture.indices.begin(); line != picture.indices.end(); line += width)
      check(EGifPutLine(gif.get(), &*line, width) == GIF_OK);
    flush();
  } while (next());
  check(EGifCloseFile(gif.release(), &error) == GIF_OK);
  flush();
  file.commit();
}

}  // namespace glow::app
