#include <array>
#include <vector>

#include <glow/core/parallel.hpp>

#include "catch.hpp"

using namespace glow;

TEST_CASE("parallel_loops: every range of every loop runs once, whatever the threads") {
  const int before = threads();
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    std::array<std::vector<int>, 3> seen{std::vector<int>(10), std::vector<int>(0), std::vector<int>(7)};
    const auto mark = [&](std::size_t loop) {
      return [&seen, loop](Index first, Index last) {
        for (Index i = first; i < last; ++i) ++seen[loop][static_cast<std::size_t>(i)];
      };
    };
    parallel_loops(Ranges{Index{10}, Index{4}, mark(0)}, Ranges{Index{0}, Index{4}, mark(1)},
                   Ranges{Index{7}, Index{1}, mark(2)});
    CHECK(seen[0] == std::vector<int>(10, 1));
    CHECK(seen[2] == std::vector<int>(7, 1));
  }
  set_threads(before);
}
