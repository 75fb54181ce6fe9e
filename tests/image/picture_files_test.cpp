#include <array>
#include <fstream>

#include <gif_lib.h>
#include <stb/stb_image_write.h>

#include <glow/io/atomic_file.hpp>

#include "image/read_picture.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

// A smooth picture whose channels differ.
Picture gradient(Index height, Index width, Index channels, int start = 0) {
  Picture p{height, width, channels, {}};
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      for (Index c = 0; c < channels; ++c)
        p.pixels.push_back(static_cast<std::uint8_t>(start + 3 * y + (c == 1 ? 255 - 5 * x : 5 * x)));
    }
  }
  return p;
}

// Writes pixels of 1 to 4 channels as they are; 2 and 4 have a last one of opacity.
void put_png(const std::filesystem::path& path, int width, int channels, const PixelBytes& pixels) {
  const int height = static_cast<int>(pixels.size()) / width / channels;
  REQUIRE(stbi_write_png(path.c_str(), width, height, channels, pixels.data(), width * channels) != 0);
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

// What is in a GIF file.
struct Gif {
  int width = 0, height = 0;
  bool loops = false;
  std::vector<int> delays;
  std::vector<PixelBytes> frames;  // red, green, blue
};

Gif read_gif(const std::filesystem::path& path) {
  int error = 0;
  GifFileType* file = DGifOpenFileName(path.c_str(), &error);
  REQUIRE(file != nullptr);
  REQUIRE(DGifSlurp(file) == GIF_OK);
  Gif gif{file->SWidth, file->SHeight, false, {}, {}};
  for (int i = 0; i < file->ImageCount; ++i) {
    const SavedImage& image = file->SavedImages[i];
    GraphicsControlBlock control{};
    gif.delays.push_back(DGifSavedExtensionToGCB(file, i, &control) == GIF_OK ? control.DelayTime : -1);
    for (int k = 0; k + 1 < image.ExtensionBlockCount; ++k) {
      const ExtensionBlock &name = image.ExtensionBlocks[k], &value = image.ExtensionBlocks[k + 1];
      gif.loops = gif.loops || (name.Function == APPLICATION_EXT_FUNC_CODE && name.ByteCount == 11 &&
                                std::memcmp(name.Bytes, "NETSCAPE2.0", 11) == 0 && value.ByteCount == 3 &&
                                std::memcmp(value.Bytes, "\1\0\0", 3) == 0);
    }
    PixelBytes pixels;
    for (int p = 0; p < gif.width * gif.height; ++p) {
      const GifColorType& colour = image.ImageDesc.ColorMap->Colors[image.RasterBits[p]];
      pixels.insert(pixels.end(), {colour.Red, colour.Green, colour.Blue});
    }
    gif.frames.push_back(std::move(pixels));
  }
  DGifCloseFile(file, &error);
  return gif;
}

}  // namespace

TEST_CASE("png: what is written is read again") {
  const TemporaryFolder folder;
  for (const Index channels : {1, 3}) {
    const Picture p = gradient(9, 14, channels);
    write_png(folder / "a.png", p);
    const Picture again = read_picture(folder / "a.png", channels);
    CHECK(again.height == 9);
    CHECK(again.width == 14);
    CHECK(again.channels == channels);
    CHECK(again.pixels == p.pixels);
  }
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("png: more bytes than the encoder can count are refused") {
  const TemporaryFolder folder;
  Picture p{most_png_bytes / 2 + 1, 1, 1, {}};
  p.pixels.resize(static_cast<std::size_t>(p.height));
  CHECK(contains(message_of<FileError>([&] { write_png(folder / "a.png", p); }),
                 "536870913x1x1 has more than the 1073741824 bytes"));
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("png: a file that cannot be written or encoded is an error by name") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", std::string("x"));
  const auto below_a_file = folder.path() / "file" / "a.png";
  CHECK(contains(message_of<FileError>([&] { write_png(below_a_file, gradient(2, 2, 1)); }),
                 below_a_file.string()));
  CHECK(contains(message_of<FileError>([&] { write_png(folder / "a.png", Picture{}); }),
                 (folder / "a.png").string()));
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("pictures: grey is repeated and colour becomes luma") {
  const TemporaryFolder folder;
  put_png(folder / "grey.png", 2, 1, {7, 200});
  CHECK(read_picture(folder / "grey.png", 3).pixels == PixelBytes{7, 7, 7, 200, 200, 200});
  put_png(folder / "colour.png", 4, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90});
  CHECK(read_picture(folder / "colour.png", 1).pixels == PixelBytes{76, 150, 29, 90});
}

TEST_CASE("pictures: transparency is laid over white") {
  const TemporaryFolder folder;
  put_png(folder / "colour.png", 3, 4, {255, 0, 0, 255, 0, 0, 255, 128, 0, 255, 0, 0});
  CHECK(read_picture(folder / "colour.png", 3).pixels == PixelBytes{255, 0, 0, 127, 127, 255, 255, 255, 255});
  CHECK(read_picture(folder / "colour.png", 1).pixels == PixelBytes{76, 142, 255});
  put_png(folder / "grey.png", 3, 2, {100, 255, 100, 0, 0, 51});
  CHECK(read_picture(folder / "grey.png", 1).pixels == PixelBytes{100, 255, 204});
}

TEST_CASE("pictures: a palette with transparent entries is read") {
  // Three pixels: red, blue with opacity 128, and an invisible green.
  constexpr unsigned char palette_png[] = {
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
      0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x08, 0x03, 0x00, 0x00, 0x00, 0x2c,
      0x3e, 0xe4, 0x86, 0x00, 0x00, 0x00, 0x09, 0x50, 0x4c, 0x54, 0x45, 0xff, 0x00, 0x00, 0x00,
      0x00, 0xff, 0x00, 0xff, 0x00, 0x87, 0x0d, 0x1e, 0x08, 0x00, 0x00, 0x00, 0x03, 0x74, 0x52,
      0x4e, 0x53, 0xff, 0x80, 0x00, 0x7f, 0x6d, 0x68, 0x78, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44,
      0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x60, 0x64, 0x02, 0x00, 0x00, 0x08, 0x00, 0x04, 0x36,
      0xe0, 0xb0, 0xa6, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  const TemporaryFolder folder;
  write_file_atomically(folder / "palette.png", std::string(std::begin(palette_png), std::end(palette_png)));
  CHECK(read_picture(folder / "palette.png", 3).pixels ==
        PixelBytes{255, 0, 0, 127, 127, 255, 255, 255, 255});
}

TEST_CASE("pictures: a JPEG is read to within its losses") {
  const TemporaryFolder folder;
  const Picture p = gradient(24, 32, 3);
  REQUIRE(stbi_write_jpg((folder / "a.jpg").c_str(), 32, 24, 3, p.pixels.data(), 95) != 0);
  const Picture again = read_picture(folder / "a.jpg", 3);
  REQUIRE(again.height == 24);
  REQUIRE(again.width == 32);
  double sum = 0;
  for (std::size_t i = 0; i < p.pixels.size(); ++i) sum += std::abs(p.pixels[i] - again.pixels[i]);
  CHECK(sum / static_cast<double>(p.pixels.size()) < 4);
}

TEST_CASE("pictures: a file that cannot be decoded gives an empty picture") {
  const TemporaryFolder folder;
  CHECK(read_picture(folder / "missing.png", 3).height == 0);
  for (const std::string& text : {std::string(), std::string("not a picture"),
                                  std::string("\x89PNG\r\n\x1a\n"), std::string("\xff\xd8\xff\xe0")}) {
    write_file_atomically(folder / "bad.png", text);
    CHECK(read_picture(folder / "bad.png", 3).height == 0);
  }
  CHECK(read_picture(folder.path(), 3).height == 0);
}

TEST_CASE("pictures: a file cut short is refused and never read in part") {
  const TemporaryFolder folder;
  const Picture p = gradient(16, 16, 3);
  REQUIRE(stbi_write_jpg((folder / "whole.jpg").c_str(), 16, 16, 3, p.pixels.data(), 90) != 0);
  write_png(folder / "whole.png", p);
  for (const std::string name : {"whole.jpg", "whole.png"}) {
    const auto bytes = read_file(folder / name);
    // A PNG without the checksum of its empty last chunk still has all its pixels.
    const std::size_t needed = bytes.size() - (name == "whole.png" ? 4 : 0);
    std::size_t decoded = 0;
    for (std::size_t n = 0; n < needed; n += 7) {
      std::ofstream(folder / "cut", std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(n));
      if (read_picture(folder / "cut", 3).height != 0) ++decoded;
    }
    INFO(name << " of " << bytes.size() << " bytes");
    CHECK(decoded == 0);
    CHECK(read_picture(folder / name, 3).height == 16);
  }
}

TEST_CASE("gif: grey pictures are read again to the bit and loop for ever") {
  const TemporaryFolder folder;
  const std::vector<Picture> frames{gradient(6, 11, 1), gradient(6, 11, 1, 40), gradient(6, 11, 1, 90)};
  write_gif(folder / "a.gif", frames, 25);
  const Gif gif = read_gif(folder / "a.gif");
  CHECK(gif.width == 11);
  CHECK(gif.height == 6);
  CHECK(gif.loops);
  CHECK(gif.delays == std::vector<int>{25, 25, 25});
  REQUIRE(gif.frames.size() == 3);
  for (std::size_t f = 0; f < 3; ++f) {
    PixelBytes expected;
    for (const std::uint8_t v : frames[f].pixels) expected.insert(expected.end(), 3, v);
    CHECK(gif.frames[f] == expected);
  }
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("gif: pictures of up to 256 colours keep them, each its own") {
  const TemporaryFolder folder;
  Picture first{16, 16, 3, {}}, second = first;
  for (int i = 0; i < 256; ++i) {
    first.pixels.insert(first.pixels.end(),
                        {static_cast<std::uint8_t>(i), 7, static_cast<std::uint8_t>(3 * i)});
    second.pixels.insert(second.pixels.end(), {96, 96, 96});
  }
  const std::vector<Picture> frames{first, second};
  write_gif(folder / "a.gif", frames, 5);
  const Gif gif = read_gif(folder / "a.gif");
  REQUIRE(gif.frames.size() == 2);
  CHECK(gif.frames[0] == first.pixels);
  CHECK(gif.frames[1] == second.pixels);
}

TEST_CASE("gif: of many colours the frequent ones stay and the others become near ones") {
  const TemporaryFolder folder;
  Picture p = gradient(64, 51, 3);
  for (std::size_t i = 0; i < p.pixels.size() / 4; ++i) p.pixels[i] = 96;  // a background
  write_gif(folder / "a.gif", std::span(&p, 1), 5);
  const Gif gif = read_gif(folder / "a.gif");
  REQUIRE(gif.frames.size() == 1);
  REQUIRE(gif.frames[0].size() == p.pixels.size());
  bool background = true;
  double squares = 0;
  for (std::size_t i = 0; i < p.pixels.size(); ++i) {
    background = background && (i >= p.pixels.size() / 4 || gif.frames[0][i] == 96);
    squares += std::pow(gif.frames[0][i] - p.pixels[i], 2);
  }
  CHECK(background);
  CHECK(std::sqrt(squares / static_cast<double>(p.pixels.size())) < 6);
}

TEST_CASE("gif: no pictures and pictures of several sizes are refused and leave no file") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::vector<Picture>& frames) {
    return message_of<FileError>([&] { write_gif(folder / "a.gif", frames, 5); });
  };
  CHECK(contains(refusal({}), "at least one"));
  CHECK(contains(refusal({gradient(2, 3, 1), gradient(3, 2, 1)}), "one size"));
  CHECK(contains(refusal({gradient(2, 3, 1), gradient(2, 3, 3)}), "one size"));
  CHECK(contains(refusal({Picture{}}), (folder / "a.gif").string()));
  CHECK(files_in(folder.path()) == 0);
}
