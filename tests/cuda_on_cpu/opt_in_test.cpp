#include <kernels/common.cuh>

#include "../catch.hpp"

namespace glow::test {

namespace {

void some_kernel(float*) {}

}  // namespace

// A kernel that declares 8 KiB and is launched with 44 KiB has more than the 48 that nobody needs to ask for.
TEST_CASE("cuda_on_cpu: a launch asks for what is too much together with a kernel's own shared memory",
          "[cuda_on_cpu]") {
  const auto allowed = [](std::size_t bytes) {
    CHECK(kernels::allow_shared_memory(reinterpret_cast<const void*>(some_kernel), bytes) == cudaSuccess);
    cudaFuncAttributes attributes{};
    CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(some_kernel)) == cudaSuccess);
    return attributes.maxDynamicSharedSizeBytes;
  };
  CHECK(allowed(32 * 1024) == 48 * 1024);  // what every kernel may have
  CHECK(allowed(44 * 1024) == 44 * 1024);
  CHECK(allowed(100 * 1024) == 100 * 1024);
}

}  // namespace glow::test
