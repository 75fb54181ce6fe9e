#include <Eigen/Dense>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Matrix> matrix(View<double> x) { return {x.data(), x.shape()[0], x.shape()[1]}; }

}  // namespace

TEST_CASE("conv1x1: starts as a rotation, each layer its own") {
  const Conv1x1 layer;
  const Shape x{1, 1, 1, 24};
  Parameters<Conv1x1, double> a(layer, x), b(layer, x);
  layer.initialize(a.params(), Random{1, 1});
  layer.initialize(b.params(), Random{1, 2});
  layer.prepare(a.params());
  layer.prepare(b.params());
  const auto w = matrix(a.params().weight);
  CHECK((w * w.transpose() - Matrix::Identity(24, 24)).norm() < 1e-12);
  CHECK((w - matrix(b.params().weight)).norm() > 1);
  CHECK((w * matrix(a.params().inverse) - Matrix::Identity(24, 24)).norm() < 1e-12);
}

TEST_CASE("conv1x1: W is P L (U + diag(sign_s exp(log_s)))") {
  const Conv1x1 layer;
  Parameters<Conv1x1, double> p(layer, {1, 1, 1, 6});
  layer.initialize(p.params(), Random{1, 1});
  shake(p, 0.3);
  layer.prepare(p.params());
  Matrix l = matrix(p.params().lower).triangularView<Eigen::StrictlyLower>(),
         u = matrix(p.params().upper).triangularView<Eigen::StrictlyUpper>();
  for (Index i = 0; i < 6; ++i) {
    l(i, i) = 1;
    u(i, i) = p.params().sign_s[i] * std::exp(p.params().log_s[i]);
  }
  CHECK((matrix(p.params().permutation) * l * u - matrix(p.params().weight)).norm() < 1e-12);
}
