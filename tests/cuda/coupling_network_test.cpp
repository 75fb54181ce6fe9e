#include "coupling_twin.hpp"

namespace glow::test {

namespace {

// Values of a network as it comes, gradients of one whose hidden units all are far from zero.
template <class C = Coupling>
void check_rounded(const Shape& shape, Index width, Precision precision, double tolerance,
                   ConvNetOptions options = {}) {
  CouplingTwin<float, C> twin(shape, width, precision, options);
  twin.check_values(tolerance, 1e-5);
  twin.decide();
  twin.check(tolerance, 1e-5);
}

}  // namespace

TEST_CASE("cuda: the coupling network in tf32", "[cuda][convolution]") {
  for (const Shape& shape : {Shape{2, 4, 3, 6}, Shape{1, 5, 7, 5}}) {
    check_rounded(shape, 24, Precision::tf32, 2e-3);
  }
}

TEST_CASE("cuda: the coupling network in bf16, layer by layer", "[cuda][convolution]") {
  check_rounded({1, 2, 3, 6}, 600, Precision::bf16, 2e-2);
  check_rounded({1, 2, 2, 120}, 9, Precision::bf16, 2e-2);
}

TEST_CASE("cuda: rounded networks with options", "[cuda][network][convolution]") {
  const ConvNetOptions all{.actnorm = true, .scaled_output = true, .edges = true};
  check_rounded({2, 4, 3, 6}, 24, Precision::bf16, 2e-2, all);
  check_rounded({1, 2, 2, 40}, 24, Precision::bf16, 2e-2, all);
  check_rounded({2, 4, 3, 6}, 24, Precision::tf32, 2e-3, all);
}

TEMPLATE_TEST_CASE("cuda: rounded networks of couplings of every map", "[cuda][network][convolution]",
                   Additive, ExpAffine, RationalQuadratic<8>, ShiftedAffine) {
  check_rounded<CouplingOf<TestType>>({2, 4, 3, 6}, 24, Precision::bf16, 2e-2);
  check_rounded<CouplingOf<TestType>>({1, 2, 2, 40}, 24, Precision::bf16, 2e-2);
  // The slopes of a spline's bins multiply what the network's rounding leaves.
  const double tolerance = std::is_same_v<TestType, RationalQuadratic<8>> ? 4e-3 : 2e-3;
  check_rounded<CouplingOf<TestType>>({2, 4, 3, 6}, 24, Precision::tf32, tolerance);
}

// [network]: runs the fused bf16 kernel. One shape each, smallest first, since on a card each test case has a
// process of its own and what goes wrong in one shape leaves the others alone.
#define GLOW_NETWORK_TEST(n, h, w, c, width)                                                                 \
  TEST_CASE("cuda: the coupling network in bf16, in one kernel: " #n "x" #h "x" #w "x" #c ", width " #width, \
            "[cuda][network]") {                                                                             \
    check_rounded({n, h, w, c}, width, Precision::bf16, 2e-2);                                               \
  }

// One tile of 128 pixels (two of 64 by mma.sync)
GLOW_NETWORK_TEST(1, 1, 1, 2, 1)
GLOW_NETWORK_TEST(1, 2, 3, 24, 512)
GLOW_NETWORK_TEST(1, 2, 2, 56, 300)
GLOW_NETWORK_TEST(1, 3, 2, 112, 256)
GLOW_NETWORK_TEST(1, 3, 3, 57, 40)
GLOW_NETWORK_TEST(2, 4, 3, 6, 24)
GLOW_NETWORK_TEST(2, 6, 6, 3, 130)
GLOW_NETWORK_TEST(1, 9, 8, 24, 33)
GLOW_NETWORK_TEST(3, 5, 7, 5, 64)
// Two tiles, which are one cluster, and three, of which one has a cluster to itself
GLOW_NETWORK_TEST(1, 12, 12, 12, 512)
GLOW_NETWORK_TEST(3, 10, 9, 12, 64)

TEST_CASE("cuda: the coupling network in bf16 over several chunks of images", "[cuda][network][large]") {
  check_rounded({3, 100, 120, 2}, 3, Precision::bf16, 2e-2);
}

TEST_CASE("cuda: the coupling network gives the same bits every time", "[cuda][network][convolution]") {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    CouplingTwin<float> twin({2, 9, 11, 6}, 24, precision);
    const auto first = twin.run();
    CHECK(same_bits<float>(first, twin.run()));
  }
}

TEST_CASE("cuda: a model in double is full precision", "[cuda]") {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    const Coupling layer(4, precision);
    Parameters<Coupling, double, Cuda> parameters(layer, {1, 2, 2, 2});
    CHECK(contains(message_of([&] { layer.prepare(parameters.params()); }),
                   "is for models in float; use full"));
  }
}

}  // namespace glow::test
