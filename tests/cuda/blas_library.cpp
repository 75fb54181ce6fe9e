// The functions of the real cuBLAS: a machine without a GPU can find them, though not call them.
#include <glow/core/cuda/blas_library.hpp>

#include "catch.hpp"
#include "support.hpp"

using namespace glow;
using test::contains;
using test::message_of;

TEST_CASE("cuBLAS has all functions that are asked of it") { CHECK_NOTHROW(cuda::blas_library()); }

TEST_CASE("cuBLAS: a library that is not there, or is another, is named") {
  CHECK(contains(message_of([] { cuda::load_blas("libcublas.so.0"); }), "libcublas.so.0 cannot be loaded"));
  CHECK(contains(message_of([] { cuda::load_blas("libm.so.6"); }), "cublasCreate_v2 is not in the library"));
}
