#include <Eigen/Core>

#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

struct ByEigen {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const float* b;
  ByEigen(ProductSizes, const float* right) : b(right) {}
  void multiply(ProductSizes s, const float* a, float* c) const {
    Eigen::Map<Matrix>(c, s.m, s.n).noalias() =
        Eigen::Map<const Matrix>(a, s.m, s.k) * Eigen::Map<const Matrix>(b, s.k, s.n);
  }
};

const bool registered = register_sgemm<ByEigen>(
    "Eigen", join(EIGEN_WORLD_VERSION, ".", EIGEN_MAJOR_VERSION, ".", EIGEN_MINOR_VERSION),
    {tile_product, large_product});

}  // namespace
}  // namespace glow::benchmarks
