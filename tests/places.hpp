// Where the tests find what lies outside their binary. One source knows, so that all others compile to the
// same whatever the folders are called.
#pragma once

#include <filesystem>

namespace glow::test {

/// The bundled digits, as an IDX file: of the source tree or, on a machine without it, of the folder that the
/// environment variable GLOW_TEST_DATA names.
std::filesystem::path digits_file();

/// The source tree.
std::filesystem::path source_folder();

extern const char* const glow_program;  ///< the program
extern const char* const python;        ///< Python 3; empty if there is none
extern const char* const mpirun;        ///< MPI's launcher; empty if the program has no MPI

}  // namespace glow::test
