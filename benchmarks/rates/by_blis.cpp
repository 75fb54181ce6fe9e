#include <blis.h>

#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

// By BLIS's own interface, since its BLAS names are OpenBLAS's too.
struct ByBlis {
  const float* b;
  ByBlis(ProductSizes, const float* right) : b(right) { bli_thread_set_num_threads(1); }
  void multiply(ProductSizes s, const float* a, float* c) const {
    float one = 1, zero = 0;
    bli_sgemm(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, s.m, s.n, s.k, &one, const_cast<float*>(a), s.k, 1,
              const_cast<float*>(b), s.n, 1, &zero, c, s.n, 1);
  }
};

const bool registered =
    register_sgemm<ByBlis>("BLIS", bli_info_get_version_str(), {tile_product, large_product});

}  // namespace
}  // namespace glow::benchmarks
