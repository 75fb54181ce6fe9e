#include <glow/ops/cpu/labels.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

}  // namespace

TEST_CASE("labels: of equal logits the first is the class that is found") {
  Tensor<float> logits(Shape{3, 4}), d_logits(logits.shape());
  logits[4 + 1] = logits[4 + 3] = 2;  // sample 1: classes 1 and 3; of the others all are equal
  Tensor<Index> labels(Shape{3});
  labels[0] = 0, labels[1] = 3, labels[2] = 2;
  Tensor<double> result(Shape{2});
  ops::cross_entropy<float>(logits, labels, 1, 1, d_logits.view(), result.view());
  CHECK(result[1] == 1.0 / 3);
}
