#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("random: philox gives its published answers") {
  using W = std::array<std::uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == W{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        W{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        W{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEMPLATE_TEST_CASE("random: normal draws have mean 0, deviation 1 and the same bits on any number of threads",
                   "", float, double) {
  const int before = threads();
  Tensor<TestType> one(Shape{100001}), many(Shape{100001});
  set_threads(1);
  fill_normal(one.view(), Random{1, 2});
  set_threads(3);
  fill_normal(many.view(), Random{1, 2});
  set_threads(before);
  CHECK(same_bits<TestType>(one.view(), many.view()));
  double sum = 0, squares = 0;
  for (const TestType v : one) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  CHECK(std::abs(sum / 100001) < 0.01);
  CHECK(std::abs(squares / 100001 - 1) < 0.02);
}

TEMPLATE_TEST_CASE("random: an image's draws are its own, whatever the batch and the threads", "", float,
                   double) {
  using T = TestType;
  const Random random{3, 4};
  const int before = threads();
  for (const Index size : {1, 6, 75, 5000}) {  // with and without whole blocks of four draws
    Tensor<T> all(Shape{7, size}), again(Shape{7, size}), later(Shape{3, size}), own(Shape{size});
    set_threads(1);
    fill_normal_by_image(all.view(), random);
    set_threads(3);
    fill_normal_by_image(again.view(), random);
    fill_normal_by_image(later.view(), random, 4);
    CHECK(same_bits<T>(again.view(), all.view()));
    CHECK(same_bits<T>(later.view(), all.samples(4, 3)));
    for (Index n = 0; n < 7; ++n) {
      fill_normal(own.view(), random.fork(static_cast<std::uint64_t>(n)));
      CHECK(same_bits<T>(own.view(), all.samples(n, 1)));
    }
  }
  set_threads(before);
}

TEMPLATE_TEST_CASE("random: uniform draws stay inside (0, 1)", "", float, double) {
  Tensor<TestType> x(Shape{100000});
  fill_uniform(x.view(), Random{3, 4});
  double sum = 0;
  for (const TestType v : x) {
    CHECK((v > 0 && v < 1));
    sum += static_cast<double>(v);
  }
  CHECK(std::abs(sum / 100000 - 0.5) < 0.005);
}

TEST_CASE("random: seeds, streams and forks draw apart") {
  const auto first = [](Random r) { return r.words(0)[0]; };
  CHECK(first({1, 2}) != first({1, 3}));
  CHECK(first({1, 2}) != first({2, 2}));
  CHECK(first(Random{1, 2}.fork(0)) != first(Random{1, 2}.fork(1)));
  CHECK(first(Random{1, 2}.fork(0)) != first({1, 2}));
}
