// Any bytes as a table of attributes: they are refused with a FileError that names them, or every image has a
// value for every attribute.
#include "data/attributes.hpp"

#include <cstdlib>

#include <glow/core/error.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto table = glow::app::parse_attributes({data, size}, "fuzzed");
    if (table.names.empty() || table.images.empty()) std::abort();
    if (table.values.size() != table.names.size() * table.images.size()) std::abort();
  } catch (const glow::FileError& e) {
    const std::string text = e.what();
    if (!text.starts_with("'fuzzed'") || text.size() > 1000) std::abort();
  }
  return 0;
}
