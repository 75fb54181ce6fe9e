// Steps one after another, whatever they are composed of: ops of several layers where there are some, across
// the seams of steps too.
#include "../layers/own_layers.hpp"
#include "verbs.hpp"

namespace glow::test {

TEMPLATE_TEST_CASE("cuda: repeated steps equal the CPU's", "[cuda]", float, double) {
  using T = TestType;
  const Step step{ActNorm(), Conv1x1(), Coupling(7)};
  const double bound = 10 * tolerance<T>;  // of several layers
  for (const int depth : {1, 2, 3}) {
    for (const Shape& shape : {Shape{2, 4, 6, 12}, Shape{3, 3, 5, 5}}) {
      const Repeat<Step> repeat(depth, step);
      check_verbs<T>(repeat, repeat, shape, bound);
    }
  }
}

TEMPLATE_TEST_CASE("cuda: layers in any order, in Flows of any depth, equal the CPU's", "[cuda]", float,
                   double) {
  using T = TestType;
  const auto check = [](const auto& layer) { check_verbs<T>(layer, layer, {2, 4, 6, 6}, 10 * tolerance<T>); };
  const ActNorm a;
  const Conv1x1 c;
  const Coupling n(7);
  check(Flow(a, c, n, a, c, n));
  check(Repeat(2, Flow(n, a, c)));
  check(Repeat(2, Flow(c, a, n)));
  check(Repeat(2, Flow(a, c, n, a)));
  check(Repeat(2, Flow<Step>(Step(a, c, n))));
  check(Repeat(2, Flow(Flow(a, c), n)));
  check(Repeat(2, Flow(a, c, Squash(), n)));
  check(Flow(Squeeze(), Repeat(2, Flow(a, c, n)), Flow(a, c)));
}

}  // namespace glow::test
