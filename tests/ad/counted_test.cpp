#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Some of every operation, forward and back, on device D.
template <class D>
void run_operations() {
  Tensor<float, D> image(Shape{2, 24, 20, 16}), square(Shape{16, 16}), kernel(Shape{3, 3, 16, 20}),
      narrow(Shape{3, 3, 20, 8}), row(Shape{16});
  Tensor<Index, D> indices(Shape{3});
  Tape<float, D> tape;
  const auto x = tape.variable(image.view()), w = tape.variable(square.view()), r = tape.variable(row.view());
  const auto y = layer_norm(conv1x1(x, w), r, r);
  const auto wide = conv3x3(y, tape.variable(kernel.view()), 2);
  const auto attended = matmul(softmax(matmul(y, transpose(y))), y);
  const auto z = concat(conv3x3(wide, tape.variable(narrow.view())), where(x, attended, clamp(x, -1, 1)), -1);
  const auto g = gather(cumulative_sum(z, 1), 0, View<const Index, D>(indices));
  tape.pull_back(sum(mean(matmul(w, w), 0)) + sum(sum_per_sample(slice(g, 2, 1, 3))));
}

}  // namespace

TEST_CASE("tape: what operations take is known before") {
  const int before = threads();
  set_threads(1);
  Workspace<Cpu> taken;
  {
    const WorkspaceScope<Cpu> scope(taken);
    run_operations<Cpu>();
  }
  CountedThreads<Cpu> counted;
  run_operations<Counted<Cpu>>();
  CHECK(taken.temporaries.capacity() > 500000);
  CHECK(counted.caller().temporaries.capacity() == taken.temporaries.capacity());
  CHECK(counted.caller().tape.capacity() == taken.tape.capacity());
  set_threads(before);
}
