// Tensors as Eigen's matrices and tensors, and back.
#include <glow/eigen.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// 0, 1, 2, ... in the order of memory.
template <class T>
Tensor<T> counted_up(Shape shape) {
  Tensor<T> x(shape);
  for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i);
  return x;
}

template <class T>
constexpr bool has_matrix = requires(T&& x) {
  as_eigen(std::forward<T>(x)).size();
};
template <class T>
constexpr bool has_eigen_tensor = requires(T&& x) {
  as_eigen<2>(std::forward<T>(x)).size();
};

}  // namespace

TEMPLATE_TEST_CASE("as_eigen: a matrix of pixels by channels, the elements themselves", "", float, double,
                   int) {
  auto images = counted_up<TestType>({2, 3, 4, 5});
  auto m = as_eigen(images);
  REQUIRE((m.rows() == 24 && m.cols() == 5));
  CHECK(m.data() == images.data());
  CHECK(m(23, 4) == 119);
  CHECK(m(1, 0) == 5);
  m.col(2).setZero();
  m.row(0) *= 2;
  CHECK((images[2] == 0 && images[117] == 0 && images[116] == 116 && images[1] == 2));
  const auto one = images.view().samples(1, 1);
  CHECK((as_eigen(one).rows() == 12 && as_eigen(one).data() == images.data() + 60));
}

TEST_CASE("as_eigen: every rank, and nothing, is a matrix") {
  Tensor<float> numbers(Shape{7}), rows({3, 4}), scalar{Shape()}, no_rows({0, 4}), no_channels({3, 0});
  const auto size = [](auto m) { return std::pair<Index, Index>(m.rows(), m.cols()); };
  using Size = std::pair<Index, Index>;
  CHECK(size(as_eigen(numbers)) == Size(1, 7));
  CHECK(size(as_eigen(rows)) == Size(3, 4));
  CHECK(size(as_eigen(scalar)) == Size(1, 1));
  CHECK(size(as_eigen(no_rows)) == Size(0, 4));
  CHECK(size(as_eigen(no_channels)) == Size(3, 0));
  CHECK(size(as_eigen(View<float>())) == Size(0, 0));
}

TEST_CASE("as_eigen: constant elements stay constant, and an unnamed tensor has no matrix") {
  using Writable = decltype(as_eigen(std::declval<Tensor<float>&>()));
  using Constant = decltype(as_eigen(std::declval<const Tensor<float>&>()));
  STATIC_REQUIRE(std::is_same_v<decltype(std::declval<Writable&>().data()), float*>);
  STATIC_REQUIRE(std::is_same_v<decltype(std::declval<Constant&>().data()), const float*>);
  STATIC_REQUIRE(std::is_same_v<decltype(as_eigen(View<const float>())), Constant>);
  STATIC_REQUIRE(std::is_same_v<decltype(as_eigen<2>(View<const float>())),
                                decltype(as_eigen<2>(std::declval<const Tensor<float>&>()))>);
  STATIC_REQUIRE((has_matrix<Tensor<float>&> && has_matrix<const Tensor<float>&> && has_matrix<View<float>>));
  STATIC_REQUIRE((!has_matrix<Tensor<float>> && !has_matrix<const Tensor<float>>));
  STATIC_REQUIRE((has_eigen_tensor<Tensor<float>&> && has_eigen_tensor<View<const float>>));
  STATIC_REQUIRE(!has_eigen_tensor<Tensor<float>>);
  STATIC_REQUIRE((!has_matrix<Scratch<float>> && has_matrix<Scratch<float>&>));
}

TEST_CASE("as_eigen: a tensor of Eigen's by its rank") {
  auto images = counted_up<float>({2, 3, 4, 5});
  auto t = as_eigen<4>(images);
  CHECK(t.data() == images.data());
  for (Index n = 0; n < 2; ++n)
    for (Index y = 0; y < 3; ++y)
      for (Index x = 0; x < 4; ++x)
        for (Index c = 0; c < 5; ++c)
          CHECK(t(n, y, x, c) == static_cast<float>(((n * 3 + y) * 4 + x) * 5 + c));
  t(1, 2, 3, 4) = -1;
  CHECK(images[119] == -1);
  const Tensor<double> rows = counted_up<double>({2, 3});
  CHECK(as_eigen<2>(rows)(1, 2) == 5);
  CHECK(as_eigen<2>(rows.view())(1, 0) == 3);
  CHECK(as_eigen<1>(images.as({120}))(7) == 7);
  Tensor<float> scalar{Shape()};
  as_eigen<0>(scalar)() = 3;
  CHECK(scalar[0] == 3);
  CHECK_THROWS_WITH(as_eigen<3>(images), "as_eigen: a tensor of rank 3 cannot be a view of 2x3x4x5");
}

TEST_CASE("from_eigen: matrices, arrays and expressions of any layout") {
  Eigen::MatrixXd by_columns(2, 3);
  by_columns << 0, 1, 2, 3, 4, 5;
  const Tensor<double> x = from_eigen(by_columns);
  CHECK(x.shape() == Shape{2, 3});
  CHECK(bool(as_eigen(x) == by_columns));
  for (Index i = 0; i < 6; ++i) CHECK(x[i] == static_cast<double>(i));
  CHECK(from_eigen(by_columns.transpose())[1] == 3);
  CHECK(from_eigen((by_columns.array() + 1).cast<float>())[5] == 6);
  CHECK(from_eigen(Eigen::Vector3f(1, 2, 3)).shape() == Shape{3, 1});
  CHECK(from_eigen(Eigen::MatrixXf(0, 4)).shape() == Shape{0, 4});
  const Tensor<double> image = from_eigen(by_columns, {1, 2, 1, 3});
  CHECK((image.shape() == Shape{1, 2, 1, 3} && image[3] == 3));
  CHECK(from_eigen(Eigen::VectorXd(Eigen::Vector3d(1, 2, 3)), {3}).shape() == Shape{3});
  CHECK_THROWS_WITH(from_eigen(by_columns, {2, 2}),
                    "from_eigen: a matrix 2x3 does not have the elements of 2x2");
}

TEST_CASE("from_eigen: tensors of either layout, and expressions of them") {
  Eigen::Tensor<float, 3> by_columns(2, 3, 4);
  Eigen::Tensor<float, 3, Eigen::RowMajor> by_rows(2, 3, 4);
  for (Index i = 0; i < 2; ++i)
    for (Index j = 0; j < 3; ++j)
      for (Index k = 0; k < 4; ++k)
        by_columns(i, j, k) = by_rows(i, j, k) = static_cast<float>(100 * i + 10 * j + k);
  const Tensor<float> a = from_eigen(by_columns), b = from_eigen(by_rows),
                      twice = from_eigen(by_columns * 2.f);
  CHECK((a.shape() == Shape{2, 3, 4} && b.shape() == Shape{2, 3, 4}));
  CHECK(difference(a, b) == 0);
  CHECK((a[1] == 1 && a[4] == 10 && a[12] == 100 && twice[23] == 246));
  const Eigen::Tensor<float, 0, Eigen::RowMajor> sum = by_rows.sum();
  CHECK(from_eigen(by_rows.sum()).shape() == Shape());
  CHECK(from_eigen(by_rows.sum())[0] == sum());
}

TEST_CASE("as_eigen: a model's samples and densities are Eigen's to compute with") {
  Model<Glow> model(Architecture{.levels = 1, .depth = 1, .width = 4}, {4, 4, 1});
  const auto samples = model.sample(3, 1, Random{1, 0});
  const Eigen::VectorXf mean = as_eigen(samples).colwise().mean();
  CHECK(mean.size() == 1);
  const Tensor<float> halved = from_eigen(as_eigen(samples) / 2, samples.shape());
  const auto log_p = model.log_prob(halved.view());
  CHECK(std::isfinite(as_eigen(log_p).sum()));
}
