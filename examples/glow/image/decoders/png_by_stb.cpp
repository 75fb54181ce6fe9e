// PNG by stb, where libpng is not installed.
#define STBI_ONLY_PNG
#include "image/decoders/by_stb.hpp"

namespace glow::app {

std::unique_ptr<PictureReader> open_png(std::span<const std::uint8_t> file) {
  return std::make_unique<StbReader>(file);
}

}  // namespace glow::app
