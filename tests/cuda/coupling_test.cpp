#include "coupling_twin.hpp"
#include "verbs.hpp"

namespace glow::test {
namespace {

const Shape shapes[] = {{2, 4, 3, 6}, {3, 2, 3, 3}, {2, 1, 1, 2}, {1, 5, 7, 5}, {1, 16, 20, 12}};

}  // namespace

TEMPLATE_TEST_CASE("cuda: Coupling equals its CPU twin", "[cuda][convolution]", float, double) {
  for (const Shape& shape : shapes) {
    for (const Index width : {1, 7, 24}) {
      CouplingTwin<TestType>(shape, width).check(tolerance<TestType>, tolerance<TestType>);
    }
  }
}

TEMPLATE_TEST_CASE("cuda: couplings of every map on either half equal their CPU twins", "[cuda][convolution]",
                   Additive, ExpAffine, RationalQuadratic<8>, SigmoidAffine, ShiftedAffine) {
  using OnSecond = CouplingOf<TestType>;
  using OnFirst = CouplingOf<TestType, ConvNet, Condition::on_first_half>;
  for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{3, 2, 3, 3}, Shape{1, 5, 7, 5}}) {
    CouplingTwin<double, OnSecond>(shape, 7).check(tolerance<double>, tolerance<double>);
    CouplingTwin<double, OnFirst>(shape, 7).check(tolerance<double>, tolerance<double>);
    CouplingTwin<float, OnSecond>(shape, 7).check(tolerance<float>, tolerance<float>);
    CouplingTwin<float, OnFirst>(shape, 7).check(tolerance<float>, tolerance<float>);
  }
}

TEMPLATE_TEST_CASE("cuda: couplings by networks with options equal their CPU twins", "[cuda][convolution]",
                   float, double) {
  for (const ConvNetOptions options : {ConvNetOptions{.actnorm = true},
                                       {.scaled_output = true},
                                       {.edges = true},
                                       {.actnorm = true, .scaled_output = true, .edges = true}}) {
    for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{3, 2, 3, 3}, Shape{1, 5, 7, 5}}) {
      CouplingTwin<TestType>(shape, 7, Precision::full, options)
          .check(tolerance<TestType>, tolerance<TestType>);
    }
  }
}

TEMPLATE_TEST_CASE("cuda: couplings by networks in tape operations equal their CPU twins", "[cuda][long]",
                   Additive, ExpAffine, RationalQuadratic<8>, SigmoidAffine, ShiftedAffine) {
  using OnSecond = CouplingOf<TestType, Mlp>;
  using OnFirst = CouplingOf<TestType, Mlp, Condition::on_first_half>;
  for (const Shape& shape : {Shape{5, 6}, Shape{70, 3}, Shape{2, 4, 3, 5}}) {
    check_verbs<float>(OnSecond(Mlp(6)), OnSecond(Mlp(6)), shape);
    check_verbs<double>(OnFirst(Mlp(6)), OnFirst(Mlp(6)), shape);
  }
}

TEST_CASE("cuda: Coupling over several chunks of images equals its CPU twin", "[cuda][convolution][long]") {
  CouplingTwin<float>({3, 100, 120, 2}, 3).check(1e-5, 1e-5);
}

TEST_CASE("cuda: Coupling gives the same bits every time", "[cuda][convolution]") {
  CouplingTwin<float> twin({2, 9, 11, 6}, 16);
  const auto first = twin.run();
  CHECK(same_bits<float>(first, twin.run()));
}

TEST_CASE("cuda: Coupling without log-determinants and cotangents of them", "[cuda][convolution]") {
  CouplingTwin<double> twin({2, 4, 3, 6}, 5);
  clear(twin.dlogdet.view());
  auto with = on_gpu(twin.x), without = on_gpu(twin.x);
  Tensor<double, Cuda> logdet(Shape{2});
  const auto& p = twin.parameters.params();
  twin.on_device.forward(p, with.view(), logdet.view());
  twin.on_device.forward(p, without.view(), View<double, Cuda>());
  CHECK(same_bits<double>(on_cpu(with.view()), on_cpu(without.view())));
  auto d_with = on_gpu(twin.dy), d_without = on_gpu(twin.dy);
  auto zeros = on_gpu(twin.dlogdet);
  twin.on_device.backward(p, twin.parameters.gradients(), with.view(), d_with.view(), zeros.view());
  twin.on_device.backward(p, twin.parameters.gradients(), without.view(), d_without.view(),
                          View<double, Cuda>());
  CHECK(same_bits<double>(on_cpu(d_with.view()), on_cpu(d_without.view())));
}

}  // namespace glow::test
