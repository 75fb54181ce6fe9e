// Square roots by vectors beside those of the standard library.
#include <glow/ops/cpu/square_root.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

template <class T>
T root_in_vector(T x) {
  return ops::square_root(ops::BuildIsa::Vector<T>{} + x)[1];
}

}  // namespace

TEMPLATE_TEST_CASE("square root of vectors: within 3 units in the last place", "", float, double) {
  constexpr int least = std::numeric_limits<TestType>::min_exponent,
                most = std::numeric_limits<TestType>::max_exponent;
  double worst = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto words = Random{1, 0}.words(i);
    const double mantissa = 0.5 + words[0] * 0x1p-33;
    const int exponent = least + static_cast<int>(words[1] % static_cast<std::uint32_t>(most - least));
    const auto x = static_cast<TestType>(std::ldexp(mantissa, exponent));
    const double exact = std::sqrt(static_cast<double>(x));
    worst = std::max(worst, std::abs(static_cast<double>(root_in_vector(x)) - exact) / exact);
  }
  CHECK(worst <= 3 * static_cast<double>(std::numeric_limits<TestType>::epsilon()));
}

TEMPLATE_TEST_CASE("square root of vectors: of 0, of the smallest numbers and of negative ones", "", float,
                   double) {
  CHECK(root_in_vector(TestType(0)) == 0);
  CHECK(root_in_vector(std::numeric_limits<TestType>::denorm_min()) <=
        std::sqrt(std::numeric_limits<TestType>::min()));
  CHECK(root_in_vector(TestType(1)) == Approx(1));
  CHECK(std::isnan(root_in_vector(TestType(-2))));
}
