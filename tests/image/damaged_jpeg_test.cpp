// JPEG files that have led decoders astray. stb, which stands in for libjpeg, does not withstand them.
#include "image/read_picture.hpp"
#include "image/small_pictures.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

std::span<const std::uint8_t> bytes(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}
std::string refusal_of_jpeg(const std::string& file) {
  return message_of<PictureError>([&] { decode_picture(bytes(file), 3); });
}

}  // namespace

TEST_CASE("damaged JPEG: more than 256 Huffman codes") {
  std::string table(17, '\x11');  // its class, then how many codes have 1 to 16 bits: 257
  table[1] = 0;
  table[16] = 19;
  CHECK(contains(refusal_of_jpeg(with_segment("\xff\xd8\xff\xd9", '\xc4', table + std::string(257, '\1'))),
                 "Huffman"));
}

TEST_CASE("damaged JPEG: a scan of bits that no coefficient has") {
  std::string jpeg = progressive_jpeg;
  const auto scan = jpeg.find("\xff\xda");
  const auto bits = scan + 1 + static_cast<std::size_t>(jpeg[scan + 3]);  // before and after, its last byte
  for (const char value : {'\x81', '\x0e', '\xff'}) {
    jpeg[bits] = value;
    CHECK(contains(refusal_of_jpeg(jpeg), "progressive"));
  }
}

TEST_CASE("damaged JPEG: a scan for each of many coefficients") {
  // The second scan, of coefficients 1 to 5 of component 1, once for each coefficient of all three.
  const auto second = progressive_jpeg.find("\xff\xda\x00\x08", 0, 4);
  const auto scan_of = [&](int component, int coefficient) {
    std::string scan = progressive_jpeg.substr(second, 11);
    scan[5] = static_cast<char>(component);
    scan[7] = scan[8] = static_cast<char>(coefficient);
    scan[9] = 0;
    return scan;
  };
  std::string few = progressive_jpeg.substr(0, second), many = few;
  for (int component = 1; component <= 3; ++component) {
    for (int coefficient = 1; coefficient <= 63; ++coefficient) {
      if (coefficient <= 20) few += scan_of(component, coefficient);
      many += scan_of(component, coefficient);
    }
  }
  CHECK(refusal_of_jpeg(few + "\xff\xd9").empty());
  CHECK(contains(refusal_of_jpeg(many + "\xff\xd9"), "too many scans"));
}

TEST_CASE("damaged JPEG: kinds that are not offered") {
  const auto frame = progressive_jpeg.find("\xff\xc2");
  for (const char kind : {'\xc3', '\xc5', '\xc7', '\xcb', '\xcf'}) {
    std::string jpeg = progressive_jpeg;
    jpeg[frame + 1] = kind;
    CHECK(contains(refusal_of_jpeg(jpeg), "JPEG"));
  }
  std::string twelve_bits = progressive_jpeg;
  twelve_bits[frame + 4] = 12;
  CHECK(contains(refusal_of_jpeg(twelve_bits), "precision"));
}

TEST_CASE("damaged JPEG: with any one byte changed, a file is read whole or refused") {
  for (std::size_t at = 0; at < cmyk_jpeg.size(); ++at) {
    for (const char byte : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string changed = cmyk_jpeg;
      changed[at] = byte;
      try {
        const Picture p = decode_picture(bytes(changed), 3, 100000);
        CHECK(p.whole());
      } catch (const PictureError& e) {
        CHECK(std::string(e.what()).size() > 10);
      }
    }
  }
}
