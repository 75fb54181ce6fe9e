#include <libxsmm.h>

#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

// The kernel that libxsmm compiles for these sizes. Its matrices lie column by column: C^T = B^T A^T.
struct ByXsmm {
  const float* b;
  libxsmm_smmfunction kernel;
  ByXsmm(ProductSizes s, const float* right) : b(right) {
    const int m = static_cast<int>(s.n), n = static_cast<int>(s.m), k = static_cast<int>(s.k), flags = 0;
    const float alpha = 1, beta = 0;
    kernel = libxsmm_smmdispatch(m, n, k, &m, &k, &m, &alpha, &beta, &flags, nullptr);
    require(kernel != nullptr, "libxsmm has no kernel for ", Shape{s.m, s.k, s.n});
  }
  void multiply(ProductSizes, const float* a, float* c) const { kernel(b, a, c); }
};

const bool registered = register_sgemm<ByXsmm>("libxsmm", LIBXSMM_VERSION, {tile_product});

}  // namespace
}  // namespace glow::benchmarks
