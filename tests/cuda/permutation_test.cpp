#include "verbs.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: Permutation's verbs equal the CPU's", "[cuda]", float, double) {
  const Shape shape = GENERATE(Shape{2, 3, 2, 6}, Shape{1, 1, 1, 1}, Shape{300, 5}, Shape{2, 301});
  for (const ChannelOrder kind : {ChannelOrder::shuffle, ChannelOrder::reverse}) {
    check_verbs<TestType>(Permutation(kind), Permutation(kind), shape);
  }
}

TEMPLATE_TEST_CASE("cuda: a permutation that is chosen at run time equals its CPU twin, in any flow",
                   "[cuda][long]", float, double) {
  for (const PermutationKind kind :
       {PermutationKind::lu, PermutationKind::shuffle, PermutationKind::reverse}) {
    INFO(name_of(kind));
    const Architecture a{.depth = 2, .width = 7, .permutation = kind};
    const auto check = [](const auto& layer) {
      check_verbs<TestType>(layer, layer, {2, 4, 3, 6}, 10 * tolerance<TestType>);
    };
    check(AnyPermutation(a));
    check(Repeat<Flow<ActNorm, AnyPermutation, AnyCoupling>>(a));
    check(Flow<Coupling, ActNorm, AnyPermutation, Coupling>(a));
  }
}

TEST_CASE("cuda: Permutation starts with the order of the CPU", "[cuda]") {
  Tensor<float> order({37});
  Tensor<float, Cuda> gpu_order({37});
  ops::permutation_start(ChannelOrder::shuffle, order.view(), Random{3, 4});
  permutation_start(ChannelOrder::shuffle, gpu_order.view(), Random{3, 4});
  CHECK(same_bits<float>(on_cpu(gpu_order.view()), order));
}

}  // namespace glow::test
