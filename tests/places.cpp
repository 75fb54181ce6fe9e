#include "places.hpp"

#include <cstdlib>

namespace glow::test {

std::filesystem::path digits_file() {
  const char* folder = std::getenv("GLOW_TEST_DATA");
  return std::filesystem::path(folder != nullptr ? folder : GLOW_SOURCE_DIR "/data") /
         "digits-images-idx3-ubyte";
}

std::filesystem::path source_folder() { return GLOW_SOURCE_DIR; }

const char* const glow_program = GLOW_PROGRAM;
const char* const python = GLOW_PYTHON;
const char* const mpirun = GLOW_MPIRUN;

}  // namespace glow::test
