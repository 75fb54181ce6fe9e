// Any bytes as a file of torch.save, and as what follows the first pickles of a legacy one, see
// check_foreign.
#include "foreign/torch_file.hpp"
#include "foreign_file.hpp"

namespace {

void read(std::vector<std::byte> bytes) {
  const std::size_t size = bytes.size();
  glow::foreign::check_foreign(size, [&] { return glow::foreign::read_torch(std::move(bytes), "fuzzed"); });
}

// The number, the version, and a system of which nothing is said.
constexpr unsigned char legacy[] = {0x80, 2,   0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50,
                                    0x19, '.', 0x80, 2,  'M',  0xe9, 3,    '.',  0x80, 2,    '}',  '.'};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(data);
  read({bytes, bytes + size});
  const auto begin = std::as_bytes(std::span(legacy));
  std::vector<std::byte> after(begin.begin(), begin.end());
  after.insert(after.end(), bytes, bytes + size);
  read(std::move(after));
  return 0;
}
