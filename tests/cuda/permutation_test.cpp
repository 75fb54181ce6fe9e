#include "verbs.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: Permutation's verbs equal the CPU's", "[cuda]", float, double) {
  const Shape shape = GENERATE(Shape{2, 3, 2, 6}, Shape{1, 1, 1, 1}, Shape{300, 5}, Shape{2, 301});
  for (const ChannelOrder kind : {ChannelOrder::shuffle, ChannelOrder::reverse}) {
    check_verbs<TestType>(Permutation(kind), Permutation(kind), shape);
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
