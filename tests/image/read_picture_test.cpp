// Picture files from strangers. These tests also run on stb, which decodes where libjpeg or libpng is
// missing.
#include "image/read_picture.hpp"

#include <array>
#include <atomic>
#include <thread>

#include <glow/io/atomic_file.hpp>

#include "image/orientation.hpp"
#include "image/resize.hpp"
#include "image/small_pictures.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

std::span<const std::uint8_t> in(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}
Picture decode(const std::string& file, Index channels = 3) { return decode_picture(in(file), channels); }
std::string picture_refusal(const std::string& file, Index most_pixels = default_most_pixels) {
  return message_of<PictureError>([&] { decode_picture(in(file), 3, most_pixels); });
}

// Rows of a PNG without a filter.
std::string rows(std::initializer_list<std::string> bytes) {
  std::string all;
  for (const auto& row : bytes) all += std::string(1, '\0') + row;
  return all;
}

// Two rows of three grey pixels, and the same interlaced: passes 1, 4, 6 and 7 of Adam7 have pixels.
const std::string six_pixels = png_file({3, 2}, rows({"\1\2\3", "\4\5\6"}));
const std::string six_interlaced = png_file({3, 2, 8, 0, true}, rows({"\1", "\3", "\2", "\4\5\6"}));

std::string six_with(const std::string& before, const std::string& after = "") {
  return png_file({3, 2}, rows({"\1\2\3", "\4\5\6"}), before, after);
}

// How orientations 1 to 8 show them.
struct Upright {
  Index height, width;
  PixelBytes pixels;
};
const std::array<Upright, 8> six_upright{{{2, 3, {1, 2, 3, 4, 5, 6}},
                                          {2, 3, {3, 2, 1, 6, 5, 4}},
                                          {2, 3, {6, 5, 4, 3, 2, 1}},
                                          {2, 3, {4, 5, 6, 1, 2, 3}},
                                          {3, 2, {1, 4, 2, 5, 3, 6}},
                                          {3, 2, {4, 1, 5, 2, 6, 3}},
                                          {3, 2, {6, 3, 5, 2, 4, 1}},
                                          {3, 2, {3, 6, 2, 5, 1, 4}}}};

// True if each channel in these columns is within a JPEG's losses.
bool all_near(const Picture& p, Index first, Index end, std::array<int, 3> colour) {
  for (Index y = 0; y < p.height; ++y) {
    for (Index x = first; x < end; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        if (std::abs(p.pixels[static_cast<std::size_t>((y * p.width + x) * 3) + c] - colour[c]) > 3)
          return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("orientation: a PNG's eXIf chunk turns the picture, in either order of bytes") {
  for (int o = 1; o <= 8; ++o) {
    INFO("orientation " << o);
    const Upright& expected = six_upright[static_cast<std::size_t>(o - 1)];
    for (const bool big : {false, true}) {
      const std::string chunk = png_chunk("eXIf", exif(o, big));
      for (const std::string& file : {six_with(chunk), six_with("", chunk)}) {
        const Picture p = decode(file, 1);
        CHECK(p.height == expected.height);
        CHECK(p.width == expected.width);
        CHECK(p.pixels == expected.pixels);
      }
    }
  }
}

TEST_CASE("orientation: a JPEG's EXIF turns the picture") {
  const Picture stored = decode(progressive_jpeg);
  for (int o = 1; o <= 8; ++o) {
    INFO("orientation " << o);
    const Picture p = decode(with_exif(progressive_jpeg, exif(o, o % 2 == 0)));
    CHECK(p.height == (o < 5 ? 8 : 16));
    CHECK(p.width == (o < 5 ? 16 : 8));
    CHECK(p.pixels == upright(stored, o).pixels);
  }
  // A second EXIF, another segment before it, and padding change nothing.
  const std::string twice = with_exif(with_exif(progressive_jpeg, exif(3, true)), exif(6, true));
  CHECK(decode(with_segment(twice, '\xe0', "anything")).height == 16);
  CHECK(decode(twice.substr(0, 2) + "\xff\xff\xff" + twice.substr(2)).height == 16);
}

TEST_CASE("orientation: pictures are turned before they are cut and resized") {
  for (int o = 1; o <= 8; ++o) {
    INFO("orientation " << o);
    const Upright& as_seen = six_upright[static_cast<std::size_t>(o - 1)];
    std::string pixels;
    for (Index y = 0; y < as_seen.height; ++y) {
      const auto row = as_seen.pixels.begin() + y * as_seen.width;
      pixels += std::string(1, '\0') + std::string(row, row + as_seen.width);
    }
    const PngForm form{static_cast<std::uint32_t>(as_seen.width), static_cast<std::uint32_t>(as_seen.height)};
    CHECK(decode_picture(in(six_with(png_chunk("eXIf", exif(o, true)))), Shape{1, 2, 1}).pixels ==
          decode_picture(in(png_file(form, pixels)), Shape{1, 2, 1}).pixels);
  }
}

TEST_CASE("orientation: EXIF that makes no sense leaves the picture as stored") {
  const auto same = [](const std::string& body) {
    return decode(six_with(png_chunk("eXIf", body)), 1).pixels == six_upright[0].pixels;
  };
  for (const int o : {0, 9, 65535}) CHECK(same(exif(o, true)));
  const std::string body = exif(6, true);
  for (std::size_t n = 0; n < body.size() - 4; ++n) {
    INFO("cut to " << n << " bytes");
    CHECK(same(body.substr(0, n)));
    CHECK(decode(with_exif(progressive_jpeg, body.substr(0, n))).height == 8);
  }
  const auto with = [&](std::size_t at, const std::string& bytes) {
    return body.substr(0, at) + bytes + body.substr(at + bytes.size());
  };
  CHECK(same(with(0, "XX")));
  CHECK(same(with(4, "\xff\xff\xff\xff")));  // a directory far outside
  CHECK(same(with(4, big_endian(24, 4))));   // one that ends outside
  CHECK(same(with(10, "\x01\x13")));         // another tag
  CHECK(same(with(12, big_endian(2, 2))));   // text
  CHECK(!same(with(8, "\xff\xff")));         // the count says more entries than there are
}

TEST_CASE("pictures: all forms of PNG are read") {
  using namespace std::string_literals;
  SECTION("16 bits become 8") {
    const std::string wide = "\x80\x80\x00\x00\xff\xff"s;
    CHECK(decode(png_file({3, 1, 16, 0}, rows({wide})), 1).pixels == PixelBytes{128, 0, 255});
    CHECK(decode(png_file({1, 1, 16, 2}, rows({wide}))).pixels == PixelBytes{128, 0, 255});
  }
  SECTION("1, 2 and 4 bits become 8") {
    CHECK(decode(png_file({8, 1, 1, 0}, rows({"\xa0"})), 1).pixels == PixelBytes{255, 0, 255, 0, 0, 0, 0, 0});
    CHECK(decode(png_file({4, 1, 2, 0}, rows({"\x1b"})), 1).pixels == PixelBytes{0, 85, 170, 255});
    CHECK(decode(png_file({2, 1, 4, 0}, rows({"\x1f"})), 1).pixels == PixelBytes{17, 255});
  }
  SECTION("a palette") {
    const std::string palette = png_chunk("PLTE", "\x0a\x14\x1e\xff\x00\x80"s);
    CHECK(decode(png_file({3, 1, 8, 3}, rows({"\1\0\1"s}), palette)).pixels ==
          PixelBytes{255, 0, 128, 10, 20, 30, 255, 0, 128});
    CHECK(decode(png_file({4, 1, 1, 3}, rows({"\x50"}), palette)).pixels ==
          PixelBytes{10, 20, 30, 255, 0, 128, 10, 20, 30, 255, 0, 128});
  }
  SECTION("opacity over white") {
    CHECK(decode(png_file({3, 1, 8, 4}, rows({"\x64\xff\x64\x00\x00\x33"s})), 1).pixels ==
          PixelBytes{100, 255, 204});
    CHECK(decode(png_file({1, 1, 8, 6}, rows({"\x00\x00\xff\x80"s}))).pixels == PixelBytes{127, 127, 255});
  }
  SECTION("one colour that is transparent") {
    CHECK(decode(png_file({3, 1}, rows({"\1\2\3"}), png_chunk("tRNS", "\0\2"s)), 1).pixels ==
          PixelBytes{1, 255, 3});
  }
  SECTION("interlaced") {
    CHECK(decode(six_interlaced, 1).pixels == six_upright[0].pixels);
    CHECK(decode_picture(in(six_interlaced), Shape{2, 3, 1}).pixels == six_upright[0].pixels);
  }
  SECTION("of an animation, the default image") {
    const std::string control = png_chunk("acTL", big_endian(2, 4) + big_endian(0, 4));
    const std::string frame = png_chunk("fdAT", big_endian(1, 4) + zlib_stored(rows({"\7\7\7", "\7\7\7"})));
    CHECK(decode(six_with(control, frame), 1).pixels == six_upright[0].pixels);
  }
  SECTION("with chunks that are of no use") {
    const std::string useless = png_chunk("tEXt", std::string(100000, 'x')) +
                                png_chunk("gAMA", big_endian(1, 4)) + png_chunk("iCCP", "x\0\0nonsense"s);
    CHECK(decode(six_with(useless), 1).pixels == six_upright[0].pixels);
  }
}

TEST_CASE("pictures: progressive and CMYK JPEGs are read") {
  const Picture p = decode(progressive_jpeg);
  REQUIRE(p.height == 8);
  REQUIRE(p.width == 16);
  CHECK(all_near(p, 0, 8, {200, 100, 50}));
  CHECK(all_near(p, 8, 16, {20, 60, 220}));
  // (255 - ink) (255 - black) / 255
  CHECK(all_near(decode(cmyk_jpeg), 0, 16, {180, 119, 57}));
}

TEST_CASE("pictures: a JPEG is shrunk to its means") {
  for (const Shape& image : {Shape{1, 2, 3}, Shape{2, 4, 3}, Shape{4, 8, 3}}) {
    const Picture p = decode_picture(in(progressive_jpeg), image);
    REQUIRE(p.width == image[1]);
    CHECK(all_near(p, 0, p.width / 2, {200, 100, 50}));
    CHECK(all_near(p, p.width / 2, p.width, {20, 60, 220}));
  }
}

TEST_CASE("pictures: one of the asked size has the very pixels that it holds, turned upright") {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const Upright& upright = six_upright[static_cast<std::size_t>(orientation - 1)];
    const std::string file = six_with(png_chunk("eXIf", exif(orientation, true)));
    CHECK(decode_picture(in(file), Shape{upright.height, upright.width, 1}).pixels == upright.pixels);
  }
  const Picture jpeg = decode(progressive_jpeg);
  CHECK(decode_picture(in(progressive_jpeg), Shape{jpeg.height, jpeg.width, 3}).pixels == jpeg.pixels);
  // As the resizer would make of them.
  CHECK(resize(jpeg, jpeg.height, jpeg.width).pixels == jpeg.pixels);
}

TEST_CASE("pictures: only JPEG and PNG reach a decoder, whatever the name says") {
  using namespace std::string_literals;
  const std::vector<std::string> others{"P5 20000 20000 65535\nab",
                                        "P5 9 9 65535\nab",
                                        "P6 0 5 255\n",
                                        "P6 1 1 255\nabc",
                                        "GIF89a\1\0\1\0\x80\0\0"s + std::string(30, '\0'),
                                        "8BPS\0\1\0\0\0\0\0\0\0\3\0\0\0\1\0\0\0\1\0\x08\0\3"s,
                                        "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\nabcd",
                                        "\x53\x80\xf6\x34"s + std::string(84, '\0') + "PICT",
                                        "BM"s + std::string(60, '\0'),
                                        "RIFF\x24\0\0\0WEBPVP8 "s,
                                        "II*\0\x08\0\0\0"s,
                                        "\0\0\2\0\0\0\0\0\0\0\0\0\1\0\1\0\x18\0abc"s,  // TGA
                                        "\x89PNG",
                                        "\xff\xd8",
                                        "",
                                        "text"};
  for (const std::string& file : others) {
    INFO(file);
    CHECK(contains(picture_refusal(file), "neither those of a JPEG nor of a PNG"));
  }
}

TEST_CASE("pictures: too many pixels are refused by the header, before memory is taken for them") {
  CHECK(contains(picture_refusal(png_file({20000, 20000}, "")), "20000x20000 pixels are more than"));
  CHECK(contains(picture_refusal(six_pixels, 5), "2x3 pixels are more than the limit of 5"));
  CHECK(picture_refusal(six_pixels, 6).empty());
  std::string jpeg = progressive_jpeg;
  jpeg.replace(jpeg.find("\xff\xc2") + 5, 4, "\x3e\x80\x3e\x80");
  CHECK(contains(picture_refusal(jpeg), "16000x16000 pixels are more than the limit of 100000000"));
}

TEST_CASE("pictures: no pixels at all are refused") {
  CHECK(!picture_refusal(png_file({0, 5}, "")).empty());
  CHECK(!picture_refusal(png_file({5, 0}, "")).empty());
  for (const std::size_t at : {5u, 7u}) {
    std::string jpeg = progressive_jpeg;
    jpeg.replace(jpeg.find("\xff\xc2") + at, 2, std::string(2, '\0'));
    CHECK(!picture_refusal(jpeg).empty());
  }
}

TEST_CASE("pictures: a file cut at any byte is refused with the reason") {
  for (const std::string& whole : {progressive_jpeg, cmyk_jpeg, six_pixels, six_interlaced}) {
    REQUIRE(decode(whole).whole());
    // A PNG without the checksum of its empty last chunk still has all its pixels.
    for (std::size_t n = 0; n < whole.size() - 4; ++n) {
      INFO(n << " of " << whole.size() << " bytes");
      CHECK(!picture_refusal(whole.substr(0, n)).empty());
    }
  }
}

TEST_CASE("pictures: with any one byte changed, a PNG is read whole or refused") {
  for (const std::string& whole : {six_pixels, six_interlaced}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char byte : {'\0', '\x01', '\x7f', '\xff'}) {
        std::string changed = whole;
        changed[at] = byte;
        try {
          const Picture p = decode_picture(in(changed), 3, 100000);
          CHECK(p.whole());
        } catch (const PictureError& e) {
          CHECK(std::string(e.what()).size() > 10);
        }
      }
    }
  }
}

TEST_CASE("pictures: files on disk are bounded, and one that cannot be read is named") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a.png", six_pixels);
  CHECK(read_picture(folder / "a.png", Shape{2, 3, 1}).pixels == six_upright[0].pixels);
  CHECK(contains(message_of<PictureError>([&] {
                   read_picture(folder / "a.png", Shape{2, 3, 1}, 6);
                 }),
                 "its " + std::to_string(six_pixels.size()) + " bytes are more than"));
  CHECK(contains(message_of<FileError>([&] {
                   read_picture(folder / "none.png", Shape{2, 3, 1});
                 }),
                 (folder / "none.png").string()));
}

TEST_CASE("pictures: those that are held whole wait for one another") {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Picture p = decode_picture(in(six_interlaced), Shape{2, 3, 1}, 6);
        right += p.pixels == six_upright[0].pixels ? 1 : 0;
      }
    });
  }
  for (auto& t : threads) t.join();
  CHECK(right.load() == 200);
}
