// Any bytes as msgpack of flax, see check_foreign.
#include "foreign/msgpack.hpp"

#include "foreign_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  glow::foreign::check_foreign(size, [&] {
    return glow::foreign::read_msgpack({bytes, bytes + size}, "fuzzed");
  });
  return 0;
}
