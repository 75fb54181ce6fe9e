// Layers in tape operations on the GPU: the verbs of users' own, alone and in a Flow, and the equations of
// the built-in ones.
#include "../layers/own_layers.hpp"
#include "../layers/witness.hpp"
#include "verbs.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: users' layers equal themselves on the CPU", "[cuda]", float, double) {
  using T = TestType;
  for (const Shape& x : {Shape{2, 3, 2, 3}, Shape{1, 1, 1, 1}, Shape{9, 4, 5, 13}}) {
    check_verbs<T>(Squash(), Squash(), x);
    check_verbs<T>(PlainActNorm(), PlainActNorm(), x);
  }
}

TEMPLATE_TEST_CASE("cuda: a user's layers in a Flow that changes the shape", "[cuda]", float, double) {
  const Flow<Squash, Squeeze, PlainActNorm, Squash> flow;
  check_verbs<TestType>(flow, flow, {3, 4, 6, 3});
}

TEMPLATE_TEST_CASE("cuda: the equations of the built-in layers", "[cuda]", float, double) {
  using T = TestType;
  check_verbs<T>(SqueezeEquation(), Squeeze(), {2, 4, 6, 3});
  check_verbs<T>(ActNormEquation(), ActNorm(), {2, 3, 2, 5});
  check_verbs<T>(Conv1x1Equation(), Conv1x1(), {2, 3, 2, 6});
  check_verbs<T>(CouplingEquation(), Coupling(7), {2, 4, 3, 5});
}

}  // namespace glow::test
