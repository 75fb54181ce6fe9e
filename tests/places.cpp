#include "places.hpp"

namespace glow::test {

const char* const digits_file = GLOW_SOURCE_DIR "/data/digits-images-idx3-ubyte";
const char* const glow_program = GLOW_PROGRAM;
const char* const python = GLOW_PYTHON;

}  // namespace glow::test
