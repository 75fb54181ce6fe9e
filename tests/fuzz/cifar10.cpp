// Any bytes as a CIFAR-10 file: they are refused with a FileError, or every image lies within them.
#include <glow/data/cifar10.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const glow::MemoryDataset images = glow::read_cifar10({data, size}, "fuzzed");
    std::vector<std::uint8_t> image(static_cast<std::size_t>(images.shape().size()));
    for (glow::Index i = 0; i < images.size(); ++i) images.load(i, image.data());
  } catch (const glow::FileError&) {
  }
  return 0;
}
