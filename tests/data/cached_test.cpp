#include <thread>

#include <glow/data/cached.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

// Images of one row and three grey pixels, all of them i; the fifth cannot be decoded.
class Counting : public Dataset {
 public:
  explicit Counting(std::atomic<int>& loads) : loads_(loads) {}
  Index size() const override { return 6; }
  Shape shape() const override { return {1, 3, 1}; }
  bool load(Index i, std::uint8_t* out) const override {
    ++loads_;
    std::fill_n(out, 3, static_cast<std::uint8_t>(i));
    return i != 5;
  }
  std::string name(Index i) const override { return "photo " + std::to_string(i); }
  bool slow() const override { return true; }

 private:
  std::atomic<int>& loads_;
};

bool right(const Dataset& data, Index i) {
  PixelBytes pixels(3, 99);
  return data.load(i, pixels.data()) ? i != 5 && pixels == PixelBytes(3, static_cast<std::uint8_t>(i))
                                     : i == 5;
}

}  // namespace

TEST_CASE("cached: each image is loaded once, one that cannot be decoded too") {
  std::atomic<int> loads{0};
  const CachedDataset data(std::make_unique<Counting>(loads), 1000);
  CHECK(data.size() == 6);
  CHECK(data.shape() == Shape{1, 3, 1});
  CHECK(data.failure(5) == "'photo 5' cannot be decoded");
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (Index i = 0; i < 6; ++i) {
      CHECK(data.slow() == (epoch == 0));
      CHECK(right(data, i));
    }
  }
  CHECK(loads.load() == 6);
}

TEST_CASE("cached: no more images are kept than the budget holds") {
  std::atomic<int> loads{0};
  const CachedDataset data(std::make_unique<Counting>(loads), 8);  // two images of 3 bytes
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (Index i = 0; i < 6; ++i) CHECK(right(data, i));
  }
  CHECK(loads.load() == 6 + 2 * 3);
  CHECK(data.slow());
  CHECK_THROWS_AS(CachedDataset(std::make_unique<Counting>(loads), -1), Error);
}

TEST_CASE("cached: several threads get the same images") {
  std::atomic<int> loads{0}, wrong{0};
  const CachedDataset data(std::make_unique<Counting>(loads), 12);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (Index i = 0; i < 600; ++i) wrong += right(data, i % 6) ? 0 : 1;
    });
  }
  for (auto& t : threads) t.join();
  CHECK(wrong.load() == 0);
}
