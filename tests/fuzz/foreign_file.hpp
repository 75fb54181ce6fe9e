// What must be true of a file of another program that was read, whatever its bytes were.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "foreign/import_model.hpp"

namespace glow::foreign {

/// Runs read() -> File on `size` bytes: they are refused with a FileError or, by what they hold, a
/// CheckpointError, or every array lies within them. Aborts otherwise.
template <class Read>
void check_foreign(std::size_t size, Read read) {
  try {
    const File file = read();
    for (const Array& a : file.arrays) {
      if (static_cast<std::size_t>(a.size()) > size) std::abort();
      if (a.element > Element::f64) continue;
      if (numbers_of(file.name, a).size() != static_cast<std::size_t>(a.size())) std::abort();
    }
    verdict_of(file);
  } catch (const FileError&) {
  } catch (const CheckpointError&) {
  }
}

}  // namespace glow::foreign
