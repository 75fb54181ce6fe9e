#include <oneapi/dnnl/dnnl.h>

#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

struct ByOneDnn {
  const float* b;
  ByOneDnn(ProductSizes, const float* right) : b(right) {}
  void multiply(ProductSizes s, const float* a, float* c) const {
    dnnl_sgemm('N', 'N', s.m, s.n, s.k, 1, a, s.k, b, s.n, 0, c, s.n);
  }
};

const bool registered = register_sgemm<ByOneDnn>(
    "oneDNN", join(dnnl_version()->major, ".", dnnl_version()->minor, ".", dnnl_version()->patch),
    {tile_product, large_product});

}  // namespace
}  // namespace glow::benchmarks
