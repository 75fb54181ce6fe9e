#include "twins.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: Gaussian density, gradient and samples equal the CPU twins", "[cuda]", float,
                   double) {
  using T = TestType;
  const Shape shape = GENERATE(Shape{1, 1, 1, 1}, Shape{3, 4, 2, 6}, Shape{2, 8, 8, 12}, Shape{5, 3, 3, 7},
                               Shape{1, 2, 2, 513});
  const bool given = GENERATE(true, false);
  const Shape prior_shape{shape[0], shape[1], shape[2], 2 * shape[3]};
  auto z = normal(shape, 1), logp = normal({shape[0]}, 3), dlogp = normal({shape[0]}, 4),
       dz = normal(shape, 5);
  const auto prior = given ? normal(prior_shape, 2, 0.5) : Tensor<double>();
  auto gpu_z = on_gpu(as<T>(z));
  auto gpu_prior = given ? on_gpu(as<T>(prior)) : Tensor<T, Cuda>();

  auto expected = logp;
  ops::gaussian_log_density(z.view(), prior.view(), expected.view());
  auto result = on_gpu(as<T>(logp));
  gaussian_log_density(gpu_z.view(), gpu_prior.view(), result.view());
  CHECK(difference(result, expected) <= tolerance<T>);

  auto expected_dz = dz;
  auto expected_d_prior = given ? Tensor<double>(prior_shape) : Tensor<double>();
  ops::gaussian_backward(z.view(), prior.view(), dlogp.view(), expected_dz.view(), expected_d_prior.view());
  auto result_dz = on_gpu(as<T>(dz));
  auto d_prior = given ? on_gpu(normal<T>(prior_shape, 9)) : Tensor<T, Cuda>();
  gaussian_backward(gpu_z.view(), gpu_prior.view(), lend(on_gpu(as<T>(dlogp))), result_dz.view(),
                    d_prior.view());
  CHECK(difference(result_dz, expected_dz) <= tolerance<T>);
  if (given) CHECK(difference(d_prior, expected_d_prior) <= tolerance<T>);

  auto expected_sample = z;
  ops::gaussian_sample(prior.view(), 0.7, expected_sample.view());
  auto sample = on_gpu(as<T>(z));
  gaussian_sample(gpu_prior.view(), T(0.7), sample.view());
  CHECK(difference(sample, expected_sample) <= tolerance<T>);
}

TEST_CASE("cuda: no Gaussian density is asked for, none is computed", "[cuda]") {
  auto z = on_gpu(normal({1, 2, 2, 2}, 1));
  CHECK_NOTHROW(gaussian_log_density(z.view(), View<double, Cuda>(), View<double, Cuda>()));
}

}  // namespace glow::test
