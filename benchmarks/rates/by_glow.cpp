// Products by this library, whose right operand is packed beforehand, as weights are.
#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

struct ByGlow {
  Tensor<float> packed;
  ByGlow(ProductSizes s, const float* b) : packed(ops::packed_shape(s.k, s.n)) {
    ops::pack<ops::Along::rows>(s.k, s.n, packed.data(), b, s.n);
  }
  void multiply(ProductSizes s, const float* a, float* c) const {
    ops::gemm(ops::Product<float>{s.m, s.n, s.k, a, s.k, packed.data(), c, s.n});
  }
};

const bool registered = register_sgemm<ByGlow>("glow", "", {tile_product});

}  // namespace
}  // namespace glow::benchmarks
