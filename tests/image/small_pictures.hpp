// Picture files made byte by byte, for tests of what reads them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace glow::test {

/// Bytes of a file as text.
inline std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

/// A number as `size` bytes, the highest first.
inline std::string big_endian(std::uint64_t n, int size) {
  std::string bytes;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes += static_cast<char>(n >> shift & 255);
  return bytes;
}

/// A PNG chunk with its checksum, ISO/IEC 15948's CRC-32.
inline std::string png_chunk(const std::string& type, const std::string& body) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : type + body) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return big_endian(body.size(), 4) + type + body + big_endian(crc ^ 0xffffffff, 4);
}

/// zlib's form of up to 65535 bytes, stored as they are.
inline std::string zlib_stored(const std::string& bytes) {
  std::uint32_t a = 1, b = 0;  // Adler-32
  for (const char byte : bytes) {
    a = (a + static_cast<std::uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  std::string lengths = big_endian(bytes.size() ^ 0xffff, 2) + big_endian(bytes.size(), 2);
  std::reverse(lengths.begin(), lengths.end());
  return "\x78\x01\x01" + lengths + bytes + big_endian(b << 16 | a, 4);
}

/// What a PNG's header says; the colour type is 0 grey, 2 colour, 3 palette, 4 grey and opacity, 6 colour and
/// opacity.
struct PngForm {
  std::uint32_t width, height;
  int bits = 8, colour_type = 0;
  bool interlaced = false;
};

/// A PNG file of rows, each with its filter's byte before it; `before` are chunks before them, `after` those
/// after.
inline std::string png_file(const PngForm& form, const std::string& rows, const std::string& before = "",
                            const std::string& after = "") {
  const std::string header = big_endian(form.width, 4) + big_endian(form.height, 4) +
                             static_cast<char>(form.bits) + static_cast<char>(form.colour_type) +
                             std::string(2, '\0') + static_cast<char>(form.interlaced ? 1 : 0);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + before + png_chunk("IDAT", zlib_stored(rows)) +
         after + png_chunk("IEND", "");
}

/// EXIF's body with one entry, the orientation, in either order of bytes.
inline std::string exif(int orientation, bool big) {
  const auto value = static_cast<std::uint64_t>(orientation);
  std::string body = big ? "MM" : "II";
  for (std::string n :
       {big_endian(42, 2), big_endian(8, 4), big_endian(1, 2), big_endian(0x0112, 2), big_endian(3, 2),
        big_endian(1, 4), big_endian(value, 2), big_endian(0, 2), big_endian(0, 4)}) {
    if (!big) std::reverse(n.begin(), n.end());
    body += n;
  }
  return body;
}

/// A JPEG with a segment after its start.
inline std::string with_segment(const std::string& jpeg, char marker, const std::string& body) {
  return jpeg.substr(0, 2) + '\xff' + marker + big_endian(body.size() + 2, 2) + body + jpeg.substr(2);
}
inline std::string with_exif(const std::string& jpeg, const std::string& body) {
  return with_segment(jpeg, '\xe1', std::string("Exif\0\0", 6) + body);
}

/// A progressive JPEG of 8 rows: 8 columns of (200, 100, 50), then 8 of (20, 60, 220).
inline const std::string progressive_jpeg = from_hex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a07"
    "0706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffdb0043010304"
    "0405040509050509140d0b0d141414141414141414141414141414141414141414141414141414141414141414141414"
    "1414141414141414141414141414ffc20011080008001003011100021101031101ffc400150001010000000000000000"
    "0000000000000307ffc400160101010100000000000000000000000000070608ffda000c030100021003100000011874"
    "8996ac0bffc40014100100000000000000000000000000000010ffda00080101000105023fffc4001411010000000000"
    "0000000000000000000010ffda0008010301013f013fffc40014110100000000000000000000000000000010ffda0008"
    "010201013f013fffc40014100100000000000000000000000000000010ffda0008010100063f023fffc4001410010000"
    "0000000000000000000000000010ffda0008010100013f213fffda000c0301000200030000001093ffc4001411010000"
    "0000000000000000000000000010ffda0008010301013f103fffc40014110100000000000000000000000000000010ff"
    "da0008010201013f103fffc40014100100000000000000000000000000000010ffda0008010100013f103fffd9");

/// A JPEG of 16 x 8 pixels of cyan 20, magenta 100, yellow 180 and black 60, stored as Adobe does.
inline const std::string cmyk_jpeg = from_hex(
    "ffd8ffee000e41646f626500640000000000ffdb0043000302020302020303030304030304050805050404050a070706"
    "080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffc000140800080010"
    "044311004d11005911004b1100ffc40017000101010100000000000000000000000000080709ffc40014100100000000"
    "000000000000000000000000ffda000e0443004d0059004b00003f00e8eb484e4acc01ffd9");

}  // namespace glow::test
