// Any bytes as msgpack of flax: they are refused with a FileError or, by what they hold, a CheckpointError,
// or every array lies within them.
#include "foreign/msgpack.hpp"

#include <cstdint>
#include <cstdlib>

#include "foreign/import_model.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace glow::foreign;
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  try {
    const File file = read_msgpack({bytes, bytes + size}, "fuzzed");
    for (const Array& a : file.arrays) {
      if (static_cast<std::size_t>(a.size()) > size) std::abort();
      if (a.element > Element::f64) continue;
      if (numbers_of(file.name, a).size() != static_cast<std::size_t>(a.size())) std::abort();
    }
    verdict_of(file);
  } catch (const glow::FileError&) {
  } catch (const glow::CheckpointError&) {
  }
  return 0;
}
