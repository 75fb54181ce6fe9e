#include <initializer_list>
#include <limits>

#include <glow/core/divisor.hpp>

#include "support.hpp"

namespace glow::test {

TEST_CASE("divisor: quotients and remainders of small and of the largest numbers") {
  constexpr Index largest = std::numeric_limits<Index>::max();
  Index wrong = 0;
  const auto check = [&](Index n, Index d) {
    const Divisor by(d);
    if (by.quotient(n) != n / d || by.remainder(n) != n % d) ++wrong;
  };
  for (Index d = 1; d <= 300; ++d) {
    for (Index n = 0; n <= 1000; ++n) check(n, d);
  }
  // Where a rounded factor errs first: around multiples of the divisor, and at the far end.
  for (int bit = 0; bit <= 62; ++bit) {
    for (const Index d : {(Index{1} << bit) - 1, Index{1} << bit, (Index{1} << bit) + 1}) {
      if (d < 1 || d > Index{1} << 62) continue;
      for (const Index n : {d - 1, d, largest / d * d - 1, largest / d * d, largest - 1, largest})
        check(n, d);
    }
  }
  CHECK(wrong == 0);
}

}  // namespace glow::test
