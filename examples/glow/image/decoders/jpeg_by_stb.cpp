// JPEG by stb, where libjpeg is not installed.
#define STBI_ONLY_JPEG
#include "image/decoders/by_stb.hpp"

namespace glow::app {

std::unique_ptr<PictureReader> open_jpeg(std::span<const std::uint8_t> file) {
  return std::make_unique<StbReader>(file);
}

}  // namespace glow::app
