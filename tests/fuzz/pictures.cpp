// Any bytes as a picture file: they are refused with a PictureError, or become a picture of the asked size.
#include <cstdlib>

#include "image/read_picture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace glow::app;
  constexpr glow::Index most_pixels = 1 << 16;  // which keeps each input fast
  try {
    const Picture small = decode_picture({data, size}, glow::Shape{5, 7, 3}, most_pixels);
    if (!small.whole() || small.height != 5 || small.width != 7) std::abort();
    if (!decode_picture({data, size}, 1, most_pixels).whole()) std::abort();
  } catch (const PictureError&) {
  }
  return 0;
}
