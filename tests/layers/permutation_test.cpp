#include <set>
#include <vector>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::vector<float> start(ChannelOrder kind, Index channels, Random random) {
  const Permutation layer(kind);
  Parameters<Permutation, float> p(layer, {1, channels});
  initialize_layer<Permutation, float, Cpu>(layer, p.params(), random);
  return {p.params().order.begin(), p.params().order.end()};
}

}  // namespace

TEST_CASE("permutation: a reversal puts the last channel first") {
  CHECK(start(ChannelOrder::reverse, 4, Random{1, 1}) == std::vector<float>{3, 2, 1, 0});
}

TEST_CASE("permutation: a shuffle has every channel once, and each layer its own") {
  const auto a = start(ChannelOrder::shuffle, 100, Random{1, 1});
  CHECK(std::set<float>(a.begin(), a.end()).size() == 100);
  CHECK(*std::min_element(a.begin(), a.end()) == 0);
  CHECK(*std::max_element(a.begin(), a.end()) == 99);
  CHECK(a == start(ChannelOrder::shuffle, 100, Random{1, 1}));
  CHECK(a != start(ChannelOrder::shuffle, 100, Random{1, 2}));
  CHECK(a != start(ChannelOrder::shuffle, 100, Random{2, 1}));
}

TEST_CASE("permutation: all orders of three channels are as likely") {
  std::vector<int> count(27);
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    const auto order = start(ChannelOrder::shuffle, 3, Random{seed, 1});
    ++count[static_cast<std::size_t>(order[0] * 9 + order[1] * 3 + order[2])];
  }
  for (const int n : count) CHECK((n == 0 || std::abs(n - 1000) <= 120));  // four deviations
}

TEST_CASE("permutation: y's channel i is x's channel order[i], and the order is saved") {
  const Permutation layer;
  Parameters<Permutation, double> p(layer, {1, 2, 1, 3});
  CHECK(p.values().size() == 0);  // nothing to train
  REQUIRE(p.entries().size() == 1);
  CHECK(p.entries()[0].name == "order");
  CHECK(p.entries()[0].role == Role::constant);
  const double order[] = {2, 0, 1};
  std::copy_n(order, 3, p.params().order.data());
  Tensor<double> x({1, 2, 1, 3});
  for (Index i = 0; i < 6; ++i) x[i] = static_cast<double>(i);
  layer.forward(p.params(), x.view(), View<double>());
  CHECK(std::vector<double>(x.begin(), x.end()) == std::vector<double>{2, 0, 1, 5, 3, 4});
}

TEST_CASE("permutation: an order from a damaged file stays within its row") {
  const Permutation layer;
  Parameters<Permutation, double> p(layer, {1, 4});
  const double order[] = {1e300, -1, std::numeric_limits<double>::quiet_NaN(), 3};
  std::copy_n(order, 4, p.params().order.data());
  Tensor<double> x({1, 4});
  for (Index i = 0; i < 4; ++i) x[i] = static_cast<double>(i + 1);
  layer.forward(p.params(), x.view(), View<double>());
  CHECK(std::vector<double>(x.begin(), x.end()) == std::vector<double>{1, 1, 1, 4});
}
