#include <array>
#include <set>

#include <glow/data/sampler.hpp>
#include <glow/data/shuffled.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using Order = std::vector<Index>;

Order draw(Sampler& sampler, Index count) {
  Order order;
  for (Index i = 0; i < count; ++i) order.push_back(sampler.next());
  return order;
}

}  // namespace

// The expected orders were computed by an independent program from Philox's and the shuffle's definitions.
TEST_CASE("sampler: the order is the same on every machine") {
  Sampler sampler(10, 7);
  CHECK(draw(sampler, 10) == Order{2, 6, 1, 7, 5, 4, 9, 3, 0, 8});
  CHECK(draw(sampler, 10) == Order{2, 8, 9, 0, 6, 4, 5, 7, 3, 1});
  Sampler late(6, std::uint64_t{1} << 40, {123456789, 0});
  CHECK(draw(late, 6) == Order{1, 5, 4, 3, 2, 0});
}

TEST_CASE("sampler: every epoch holds every image once and in another order") {
  Sampler sampler(37, 1);
  std::set<Order> orders;
  for (int epoch = 0; epoch < 20; ++epoch) {
    const Order order = draw(sampler, 37);
    CHECK(std::set<Index>(order.begin(), order.end()).size() == 37);
    CHECK(*std::min_element(order.begin(), order.end()) == 0);
    CHECK(*std::max_element(order.begin(), order.end()) == 36);
    orders.insert(order);
  }
  CHECK(orders.size() == 20);
  Sampler other(37, 2);
  CHECK(orders.count(draw(other, 37)) == 0);
}

TEST_CASE("sampler: an image comes at any place of an epoch equally often") {
  constexpr Index images = 5, epochs = 4000;
  Sampler sampler(images, 3);
  std::array<std::array<int, images>, images> seen{};
  for (Index e = 0; e < epochs; ++e) {
    for (auto& place : seen) ++place[static_cast<std::size_t>(sampler.next())];
  }
  for (const auto& place : seen) {
    for (const int n : place) CHECK(std::abs(n - 800) < 127);  // five deviations of a binomial count
  }
}

TEST_CASE("sampler: any position goes on as the unbroken sequence does") {
  Sampler whole(11, 5);
  const Order all = draw(whole, 40);
  Sampler sampler(11, 5);
  for (std::size_t n = 0; n < 33; ++n) {
    INFO("after " << n << " images");
    Sampler resumed(11, 5, sampler.position());
    CHECK(draw(resumed, 7) == Order(all.begin() + static_cast<std::ptrdiff_t>(n),
                                    all.begin() + static_cast<std::ptrdiff_t>(n + 7)));
    sampler.next();
  }
  CHECK(sampler.position() == Position{2, 11});
}

TEST_CASE("sampler: an empty set and positions outside it are refused") {
  CHECK_THROWS_AS(Sampler(0, 0), Error);
  CHECK_THROWS_AS(Sampler(5, 0, {-1, 0}), Error);
  CHECK_THROWS_AS(Sampler(5, 0, {0, -1}), Error);
  CHECK(contains(message_of([] {
                   Sampler(5, 0, {2, 6});
                 }),
                 "position 6 of epoch 2 lies outside the 5 images"));
}

TEST_CASE("sampler: a shuffled dataset holds each image once and keeps its name") {
  const auto make = [] {
    std::vector<std::uint8_t> pixels(50);
    for (std::size_t i = 0; i < 50; ++i) pixels[i] = static_cast<std::uint8_t>(i);
    return ShuffledDataset(std::make_unique<MemoryDataset>(Shape{1, 1, 1}, pixels));
  };
  const ShuffledDataset data = make(), again = make();
  REQUIRE(data.size() == 50);
  CHECK(data.shape() == Shape{1, 1, 1});
  std::set<int> seen;
  bool moved = false;
  for (Index i = 0; i < 50; ++i) {
    std::uint8_t pixel = 0, same = 0;
    REQUIRE(data.load(i, &pixel));
    REQUIRE(again.load(i, &same));
    CHECK(pixel == same);
    CHECK(data.name(i) == "image " + std::to_string(pixel));
    seen.insert(pixel);
    moved = moved || pixel != i;
  }
  CHECK(seen.size() == 50);
  CHECK(moved);
}
