// Where the tests find what lies outside their binary. One source knows, so that all others compile to the
// same whatever the folders are called.
#pragma once

namespace glow::test {

extern const char* const digits_file;   ///< the bundled digits, as an IDX file
extern const char* const glow_program;  ///< the program
extern const char* const python;        ///< Python 3; empty if there is none

}  // namespace glow::test
