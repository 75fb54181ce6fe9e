// The condition number beside Eigen's, and of matrices whose condition is known.
#include <Eigen/SVD>

#include <glow/ops/cpu/condition_number.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

using SquareMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double condition_by_eigen(const Tensor<double>& w) {
  const SquareMatrix m = Eigen::Map<const SquareMatrix>(w.data(), w.channels(), w.channels());
  const Eigen::VectorXd s = Eigen::JacobiSVD<Eigen::MatrixXd>(m).singularValues();
  return s[0] / s[s.size() - 1];
}

double condition_of(const Tensor<double>& w) { return ops::condition_number(w.view()); }

}  // namespace

TEST_CASE("condition number: as Eigen's singular values say") {
  const Index c = GENERATE(1, 2, 3, 12, 47);
  const auto w = normal({c, c}, static_cast<std::uint64_t>(c));
  const double expected = condition_by_eigen(w);
  CHECK(std::abs(condition_of(w) / expected - 1) <= 1e-11);
  Tensor<float> narrow({c, c});
  for (Index i = 0; i < w.size(); ++i) narrow[i] = static_cast<float>(w[i]);
  CHECK(std::abs(ops::condition_number(View<const float>(narrow)) / expected - 1) <= 1e-4);
}

TEST_CASE("condition number: of scaled rows to full precision, however far the scales lie apart") {
  // A rotation with rows of length 10^12, 1 and 10^-12.
  const double a = 1.0 / 3, b = 2.0 / 3;
  Tensor<double> w({3, 3});
  const double rotation[3][3] = {{b, -b, a}, {a, b, b}, {b, a, -b}}, lengths[3] = {1e12, 1, 1e-12};
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 3; ++j) w[3 * i + j] = lengths[i] * rotation[i][j];
  CHECK(std::abs(condition_of(w) / 1e24 - 1) <= 1e-12);
}

TEST_CASE("condition number: squares of numbers neither overflow nor vanish") {
  const double scale = GENERATE(1e-200, 1e200);
  auto w = normal({5, 5}, 1);
  const double expected = condition_of(w);
  for (double& x : w) x *= scale;
  CHECK(std::abs(condition_of(w) / expected - 1) <= 1e-12);
}

TEST_CASE("condition number: infinite where a row is zero, and not a number where one of W is none") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Tensor<double> w({3, 3});
  CHECK(condition_of(w) == infinity);
  w[0] = w[4] = 1;
  CHECK(condition_of(w) == infinity);
  w[8] = -1;
  CHECK(condition_of(w) == 1);
  for (const double bad : {infinity, std::numeric_limits<double>::quiet_NaN()}) {
    w[5] = bad;
    CHECK(std::isnan(condition_of(w)));
  }
}
