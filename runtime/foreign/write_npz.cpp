#include "foreign/write_npz.hpp"

#include <glow/data/npy.hpp>

#include "foreign/file.hpp"
#include "foreign/zip_writer.hpp"

namespace glow::foreign {

namespace {

// The code points of a text in UTF-8.
std::u32string code_points(std::string_view text) {
  std::u32string all;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >> 6 == 2) {  // goes on with the last one
      all.back() = all.back() << 6 | (byte & 0x3F);
    } else {
      const int length = byte < 0x80 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
      all += static_cast<char32_t>(length == 0 ? byte : byte & (0xFF >> (length + 1)));
    }
  }
  return all;
}

// NumPy's text is UTF-32, of at least one character: a text without any is one zero.
std::string text_array(const std::string& text) {
  std::u32string characters = code_points(text.substr(0, detail::end_of_utf8(text)));
  if (characters.empty()) characters += U'\0';
  std::string array = detail::npy_header(join("<U", characters.size()), Shape{});
  for (const char32_t c : characters) append_little_endian(array, static_cast<std::uint32_t>(c));
  return array;
}

}  // namespace

void write_npz(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
               const Metadata& metadata) {
  ZipWriter zip;
  for (const auto& [key, value] : metadata)
    zip.add(join(description_entry, "/", key, ".npy"), text_array(value));
  for (const auto& [name, value] : tensors) {
    Parts array;
    array.own(detail::npy_header("<f4", value.shape()));
    array.borrow(std::as_bytes(std::span(value.data(), static_cast<std::size_t>(value.size()))));
    zip.add(name + ".npy", std::move(array));
  }
  zip.save(path);
}

}  // namespace glow::foreign
