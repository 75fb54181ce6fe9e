#include <cblas.h>

#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

struct ByOpenBlas {
  const float* b;
  ByOpenBlas(ProductSizes, const float* right) : b(right) { openblas_set_num_threads(1); }
  void multiply(ProductSizes s, const float* a, float* c) const {
    const auto m = static_cast<blasint>(s.m), n = static_cast<blasint>(s.n), k = static_cast<blasint>(s.k);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }
};

const bool registered =
    register_sgemm<ByOpenBlas>("OpenBLAS", openblas_get_config(), {tile_product, large_product});

}  // namespace
}  // namespace glow::benchmarks
