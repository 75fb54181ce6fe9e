// Names of files are bytes, and text in JSON is UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace glow::app {

/// `bytes` as UTF-8. What is UTF-8 already stays as it is; each other byte b becomes the character U+F700 +
/// b, one of those (U+F780 to U+F7FF) that Unicode leaves for private use. Bytes of such characters
/// themselves are replaced as well, so that from_utf8 gives back any bytes.
std::string to_utf8(std::string_view bytes);

/// The bytes that to_utf8 made `text` of.
std::string from_utf8(std::string_view text);

}  // namespace glow::app
