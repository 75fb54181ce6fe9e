#include <glow/ops/step_state.hpp>

#include "support.hpp"

using namespace glow;

TEST_CASE("step state: a step is taken if its loss is finite and its gradient can be squared in float") {
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const auto taken = [](double loss, double norm) {
    StepState s;
    s.step = 1;
    s.bits_per_dim = loss;
    s.gradient_norm = norm;
    judge(s, StepRule{});
    CHECK(s.taken == (s.adam.taken ? 1 : 0));
    return static_cast<bool>(s.adam.taken);
  };
  CHECK(taken(3.5, 0.25));
  CHECK(taken(1e30, 1e18));
  CHECK(!taken(3.5, 1e20));
  CHECK(!taken(3.5, infinity));
  CHECK(!taken(3.5, nan));
  CHECK(!taken(infinity, 1));
  CHECK(!taken(nan, 1));
}
