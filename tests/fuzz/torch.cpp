// Any bytes as a file of torch.save, and as what follows the first pickles of a legacy one: they are refused
// with a FileError or, by what they hold, a CheckpointError, or every array lies within them.
#include <cstdint>
#include <cstdlib>

#include "foreign/import_model.hpp"
#include "foreign/torch_file.hpp"

namespace {

void read(std::vector<std::byte> bytes) {
  using namespace glow::foreign;
  try {
    const std::size_t size = bytes.size();
    const File file = read_torch(std::move(bytes), "fuzzed");
    for (const Array& a : file.arrays) {
      if (static_cast<std::size_t>(a.size()) > size) std::abort();
      if (a.element > Element::f64) continue;
      if (numbers_of(file.name, a).size() != static_cast<std::size_t>(a.size())) std::abort();
    }
    verdict_of(file);
  } catch (const glow::FileError&) {
  } catch (const glow::CheckpointError&) {
  }
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
