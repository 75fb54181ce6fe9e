// Any bytes as an IDX file: they are refused with a FileError, or every image lies within them.
#include <glow/data/idx.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const glow::MemoryDataset images = glow::read_idx_images({data, size}, "fuzzed");
    std::vector<std::uint8_t> image(static_cast<std::size_t>(images.shape().size()));
    for (glow::Index i = 0; i < images.size(); ++i) images.load(i, image.data());
  } catch (const glow::FileError&) {
  }
  return 0;
}
