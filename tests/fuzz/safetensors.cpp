// Any bytes as a safetensors file: they are refused with a CheckpointError, or every tensor lies within them.
#include <cstdint>

#include <glow/io/safetensors_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  try {
    const auto file = glow::SafetensorsFile::from_bytes({bytes, bytes + size}, "fuzzed");
    for (const glow::TensorInfo& t : file.tensors()) file.read<float>(t.name);
  } catch (const glow::CheckpointError&) {
  }
  return 0;
}
