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

TEST_CASE("sampler: shuffled by shards an epoch holds every image once, in windows of whole shards") {
  // Shards of 5, 7, none, 1 and 24 images.
  const Shuffle by_shards{10, {0, 5, 12, 12, 13}};
  const std::array<Index, 5> first{0, 5, 12, 12, 13}, size{5, 7, 0, 1, 24};
  const auto shard_of = [&](Index image) {
    std::size_t s = 4;
    while (image < first[s] || size[s] == 0) --s;
    return s;
  };
  Sampler sampler(37, 3, {}, by_shards);
  std::set<Order> orders, orders_of_shards;
  for (int epoch = 0; epoch < 200; ++epoch) {
    const Order order = draw(sampler, 37);
    CHECK(std::set<Index>(order.begin(), order.end()).size() == 37);
    orders.insert(order);
    // The stream of shards that these windows were cut from: a shard ends before the next one begins.
    Order shards;
    std::array<Index, 5> seen{};
    for (std::size_t at = 0; at < 37; at += 10) {
      std::set<Index> window(order.begin() + static_cast<std::ptrdiff_t>(at),
                             order.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(at + 10, 37)));
      std::array<Order, 5> parts;
      for (const Index image : window) parts[shard_of(image)].push_back(image);
      int unfinished = 0;
      for (std::size_t s = 0; s < 5; ++s) {
        if (parts[s].empty()) continue;
        if (seen[s] == 0) shards.push_back(static_cast<Index>(s));
        // A window takes a run of each shard's images, from where the last one ended.
        CHECK(parts[s].front() == first[s] + seen[s]);
        CHECK(parts[s].back() == parts[s].front() + static_cast<Index>(parts[s].size()) - 1);
        seen[s] += static_cast<Index>(parts[s].size());
        unfinished += seen[s] < size[s] ? 1 : 0;
      }
      CHECK(unfinished <= 1);
    }
    orders_of_shards.insert(shards);
  }
  CHECK(orders.size() == 200);
  CHECK(orders_of_shards.size() >= 6);
}

TEST_CASE("sampler: an image of a window comes at any of its places equally often") {
  constexpr Index images = 6, epochs = 4000;
  Sampler sampler(images, 3, {}, {3, {0, 3}});
  std::array<std::array<int, images>, images> seen{};
  for (Index e = 0; e < epochs; ++e) {
    for (auto& place : seen) ++place[static_cast<std::size_t>(sampler.next())];
  }
  for (const auto& place : seen) {
    for (const int n : place) CHECK(std::abs(n - 667) < 118);  // five deviations of a binomial count
  }
}

TEST_CASE("sampler: shuffled by shards any position goes on as the unbroken sequence does") {
  const Shuffle by_shards{4, {0, 3, 8}};
  Sampler whole(11, 5, {}, by_shards), sampler(11, 5, {}, by_shards);
  const Order all = draw(whole, 40);
  for (std::size_t n = 0; n < 33; ++n) {
    INFO("after " << n << " images");
    Sampler resumed(11, 5, sampler.position(), by_shards);
    CHECK(draw(resumed, 7) == Order(all.begin() + static_cast<std::ptrdiff_t>(n),
                                    all.begin() + static_cast<std::ptrdiff_t>(n + 7)));
    sampler.next();
  }
  CHECK(sampler.position() == Position{2, 11});
}

// The expected orders were computed by an independent program from the definitions.
TEST_CASE("sampler: the order by shards is the same on every machine") {
  Sampler sampler(10, 7, {}, {4, {0, 3, 6}});
  CHECK(draw(sampler, 10) == Order{2, 0, 1, 3, 5, 6, 4, 7, 9, 8});
  CHECK(draw(sampler, 10) == Order{5, 0, 4, 3, 6, 1, 2, 7, 8, 9});
}

TEST_CASE("sampler: what comes soon is this window's rest and the next window") {
  const Sampler sampler(11, 5, {}, {4, {0, 3, 8}});
  Sampler drawn(11, 5, {}, {4, {0, 3, 8}});
  const Order order = draw(drawn, 11);
  for (const auto& [offset, last] :
       {std::pair<Index, Index>{0, 8}, {3, 8}, {4, 11}, {7, 11}, {8, 11}, {10, 11}}) {
    const auto soon = sampler.soon(offset);
    CHECK(Order(soon.begin(), soon.end()) == Order(order.begin() + offset, order.begin() + last));
  }
  CHECK(sampler.soon(11).empty());
  CHECK(Sampler(11, 5).soon(0).empty());
}

TEST_CASE("sampler: an empty set and positions outside it are refused") {
  CHECK_THROWS_AS(Sampler(0, 0), Error);
  CHECK_THROWS_AS(Sampler(5, 0, {-1, 0}), Error);
  CHECK_THROWS_AS(Sampler(5, 0, {0, -1}), Error);
  CHECK(contains(message_of([] {
                   Sampler(5, 0, {2, 6});
                 }),
                 "position 6 of epoch 2 lies outside the 5 images"));
  CHECK(contains(message_of([] { Sampler(5, 0, {}, {-1}); }), "a window of -1 images must not be negative"));
  for (const Order& shards : {Order{1}, Order{0, 3, 2}, Order{0, 6}})
    CHECK(contains(message_of([&] { Sampler(5, 0, {}, {2, shards}); }), "must ascend from 0, up to 5"));
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
