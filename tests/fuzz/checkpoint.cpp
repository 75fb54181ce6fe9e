// Any bytes as a checkpoint: they are refused with a CheckpointError that names the file, or they hold a
// model.
#include "run/checkpoint.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  try {
    auto file = glow::SafetensorsFile::from_bytes({bytes, bytes + size}, "fuzzed");
    glow::app::read_checkpoint({std::move(file), "fuzzed"});
  } catch (const glow::CheckpointError& e) {
    if (!std::string(e.what()).starts_with("'fuzzed'")) std::abort();
  }
  return 0;
}
