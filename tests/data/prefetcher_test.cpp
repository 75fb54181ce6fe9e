#include <array>
#include <atomic>
#include <chrono>
#include <set>

#include <glow/data/prefetcher.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

// Images [2, 3, 2] of the bytes 0 ... 11, each plus 16 i, so that a pixel tells its image and its place.
class Numbered : public Dataset {
 public:
  explicit Numbered(Index count, std::set<Index> bad = {}) : count_(count), bad_(std::move(bad)) {}

  Index size() const override { return count_; }
  Shape shape() const override { return {2, 3, 2}; }
  bool load(Index i, std::uint8_t* out) const override {
    ++loads;
    if (thrown_at == i) throw std::runtime_error("the disk is on fire");
    for (Index k = 0; k < 12; ++k) out[k] = static_cast<std::uint8_t>(16 * i + k);
    return bad_.count(i) == 0;
  }
  std::string name(Index i) const override { return "photo" + std::to_string(i) + ".jpg"; }

  Index thrown_at = -1;
  mutable std::atomic<Index> loads{0};

 private:
  Index count_;
  std::set<Index> bad_;
};

PrefetchOptions options_of(Index batch, bool flip = false) {
  PrefetchOptions options;
  options.batch = batch;
  options.seed = 7;
  options.flip = flip;
  return options;
}

// Image i of Numbered, mirrored left to right if asked.
PixelBytes expected_image(Index i, bool mirrored) {
  PixelBytes image;
  for (Index y = 0; y < 2; ++y) {
    for (Index x = 0; x < 3; ++x) {
      for (Index c = 0; c < 2; ++c)
        image.push_back(static_cast<std::uint8_t>(16 * i + (y * 3 + (mirrored ? 2 - x : x)) * 2 + c));
    }
  }
  return image;
}

PixelBytes draw(Prefetcher& batches, int count) {
  PixelBytes all;
  for (int i = 0; i < count; ++i) {
    const Batch batch = batches.next();
    all.insert(all.end(), batch.pixels.begin(), batch.pixels.end());
  }
  return all;
}

}  // namespace

TEST_CASE("prefetcher: batches hold the sampler's images in its order across epochs") {
  const Numbered data(10);
  Prefetcher batches(data, 0, 10, options_of(4));
  Sampler order(10, 7);
  for (int b = 0; b < 12; ++b) {
    PixelBytes expected;
    for (int n = 0; n < 4; ++n) {
      const PixelBytes image = expected_image(order.next(), false);
      expected.insert(expected.end(), image.begin(), image.end());
    }
    const Batch batch = batches.next();
    CHECK(batch.pixels == expected);
    CHECK(batch.position == order.position());
  }
  CHECK(batches.skipped() == 0);
}

TEST_CASE("prefetcher: a range of the data is all it draws from") {
  const Numbered data(10);
  Prefetcher batches(data, 6, 3, options_of(3));
  for (int epoch = 0; epoch < 5; ++epoch) {
    const Batch batch = batches.next();
    std::set<int> seen;
    for (std::size_t n = 0; n < 3; ++n) seen.insert(batch.pixels[12 * n] / 16);
    CHECK(seen == std::set<int>{6, 7, 8});
  }
}

// The expected flips were computed by an independent program from Philox's definition.
TEST_CASE("prefetcher: flips depend on seed and epoch and image alone") {
  const std::array<std::string, 2> flips{"101010001111", "101111111100"};
  const Numbered data(12);
  for (const Index size : {Index{3}, Index{5}, Index{12}}) {
    INFO("batches of " << size);
    Prefetcher batches(data, 0, 12, options_of(size, true));
    const PixelBytes all = draw(batches, static_cast<int>((24 + size - 1) / size));
    Sampler order(12, 7);
    for (std::size_t n = 0; n < 24; ++n) {
      const Index image = order.next();
      const bool mirrored = flips[n / 12][static_cast<std::size_t>(image)] == '1';
      const auto first = all.begin() + static_cast<std::ptrdiff_t>(12 * n);
      CHECK(PixelBytes(first, first + 12) == expected_image(image, mirrored));
    }
  }
}

TEST_CASE("prefetcher: the position after any batch goes on as the unbroken run does") {
  const Numbered data(7, {2});
  Prefetcher whole(data, 0, 7, options_of(3, true)), broken(data, 0, 7, options_of(3, true));
  const PixelBytes all = draw(whole, 14);
  for (int done = 1; done <= 10; ++done) {
    INFO("after " << done << " batches");
    Prefetcher resumed(data, 0, 7, options_of(3, true), broken.next().position);
    const auto rest = all.begin() + done * 3 * 12;
    CHECK(draw(resumed, 4) == PixelBytes(rest, rest + 4 * 3 * 12));
  }
}

TEST_CASE("prefetcher: data in shards are drawn by shards, and told ahead what will be needed") {
  class InShards : public Numbered {
   public:
    InShards() : Numbered(16) {}
    std::span<const Index> shards() const override { return first_; }
    void will_need(std::span<const Index> images) const override {
      const std::lock_guard<std::mutex> lock(mutex);
      told.insert(told.end(), images.begin(), images.end());
      most_told = std::max(most_told, static_cast<Index>(told.size()) - loads);
    }
    mutable std::mutex mutex;
    mutable std::vector<Index> told;
    mutable Index most_told = 0;

   private:
    std::vector<Index> first_{0, 4, 9, 9, 14};
  };
  const InShards data;
  PrefetchOptions options = options_of(2);
  options.window = 4;
  // Images 2 to 13: what is left of four shards.
  Sampler order(12, 7, {}, {4, {0, 2, 7, 7}});
  {
    Prefetcher batches(data, 2, 12, options);
    for (int b = 0; b < 18; ++b) {
      const Batch batch = batches.next();
      for (std::size_t n = 0; n < 2; ++n) CHECK(batch.pixels[12 * n] == 16 * (2 + order.next()));
      CHECK(batch.position == order.position());
    }
  }
  // Each of an epoch's images once, but for those of its first batch, and never more than two windows ahead.
  const std::lock_guard<std::mutex> lock(data.mutex);
  REQUIRE(data.told.size() >= 30);
  Sampler again(12, 7, {}, {4, {0, 2, 7, 7}});
  std::size_t at = 0;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (int n = 0; n < 12; ++n) {
      const Index image = 2 + again.next();
      if (n >= 2) CHECK(data.told[at++] == image);
    }
  }
  CHECK(data.most_told <= 8);
}

TEST_CASE("prefetcher: it tells how long batches were waited for") {
  class Late : public Numbered {
   public:
    Late() : Numbered(4) {}
    bool load(Index i, std::uint8_t* out) const override {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return Numbered::load(i, out);
    }
  };
  const Late data;
  Prefetcher batches(data, 0, 4, options_of(2));
  CHECK(batches.waited() == 0);
  batches.next();
  CHECK(batches.waited() > 0.005);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double before = batches.waited();
  batches.next();
  CHECK(batches.waited() - before < 0.1);
}

TEST_CASE("prefetcher: images that cannot be decoded are skipped and named once") {
  const Numbered data(8, {1, 5});
  std::vector<std::string> named;
  std::mutex mutex;
  PrefetchOptions options = options_of(6);
  options.on_skip = [&](const std::string& failure) {
    const std::lock_guard<std::mutex> lock(mutex);
    named.push_back(failure);
  };
  {
    Prefetcher batches(data, 0, 8, options);
    Sampler order(8, 7);
    for (int b = 0; b < 5; ++b) {
      const Batch batch = batches.next();
      for (std::size_t n = 0; n < 6; ++n) {
        Index image = order.next();
        auto next = static_cast<std::size_t>(order.position().offset);
        while (image == 1 || image == 5) image = order.order()[next++ % 8];
        CHECK(batch.pixels[12 * n] == 16 * image);
        CHECK(batch.images[n] == image);
      }
      CHECK(batch.position == order.position());
    }
    CHECK(batches.skipped() == 2);
  }
  std::sort(named.begin(), named.end());
  CHECK(named ==
        std::vector<std::string>{"'photo1.jpg' cannot be decoded", "'photo5.jpg' cannot be decoded"});
}

TEST_CASE("prefetcher: ranks load their shares of the same batches, damaged images and windows included") {
  for (const Index window : {0, 4}) {
    const Numbered data(13, {1, 5});
    PrefetchOptions options = options_of(6, true);
    options.window = window;
    Prefetcher whole(data, 0, 13, options);
    options.share = 2;
    Prefetcher first(data, 0, 13, options);
    options.first = 2;
    options.share = 3;
    Prefetcher second(data, 0, 13, options);
    options.first = 5;
    options.share = 0;
    Prefetcher rest(data, 0, 13, options);
    for (int b = 0; b < 7; ++b) {
      const Batch all = whole.next();
      PixelBytes pixels;
      std::vector<Index> images;
      for (Prefetcher* const rank : {&first, &second, &rest}) {
        const Batch share = rank->next();
        CHECK(share.position == all.position);
        pixels.insert(pixels.end(), share.pixels.begin(), share.pixels.end());
        images.insert(images.end(), share.images.begin(), share.images.end());
      }
      CHECK(pixels == all.pixels);
      CHECK(images == all.images);
    }
  }
  PrefetchOptions options = options_of(6);
  options.first = 4;
  options.share = 3;
  const Numbered data(13);
  CHECK(message_of([&] { Prefetcher p(data, 0, 13, options); }) ==
        "Prefetcher: images 4 to 6 lie outside a batch of 6");
}

TEST_CASE("prefetcher: any number of threads gives the same batches and names the same images") {
  // Slow, and slower for some images than for others.
  class Uneven : public Numbered {
   public:
    Uneven() : Numbered(11, {1, 5, 6}) {}
    bool slow() const override { return true; }
    bool load(Index i, std::uint8_t* out) const override {
      std::this_thread::sleep_for(std::chrono::microseconds(i % 3 * 100));
      return Numbered::load(i, out);
    }
  };
  const Uneven data;
  std::vector<PixelBytes> pixels;
  std::vector<std::vector<Position>> positions;
  std::vector<std::vector<std::string>> named;
  for (const int threads : {1, 2, 3, 8}) {
    PrefetchOptions options = options_of(5, true);
    options.threads = threads;
    std::vector<std::string> skipped;
    options.on_skip = [&](const std::string& failure) { skipped.push_back(failure); };
    pixels.emplace_back();
    positions.emplace_back();
    {
      Prefetcher batches(data, 0, data.size(), options);
      for (int b = 0; b < 12; ++b) {
        const Batch batch = batches.next();
        pixels.back().insert(pixels.back().end(), batch.pixels.begin(), batch.pixels.end());
        positions.back().push_back(batch.position);
      }
    }
    named.push_back(skipped);
    CHECK(skipped.size() == 3);
    CHECK(pixels.back() == pixels.front());
    CHECK(positions.back() == positions.front());
    CHECK(named.back() == named.front());
  }
}

TEST_CASE("prefetcher: one good image among many is enough") {
  std::set<Index> bad;
  for (Index i = 0; i < 50; ++i)
    if (i != 11) bad.insert(i);
  const Numbered data(50, bad);
  Prefetcher batches(data, 0, 50, options_of(1));
  for (int epoch = 0; epoch < 100; ++epoch) CHECK(batches.next().pixels == expected_image(11, false));
  CHECK(batches.skipped() == 49);
}

TEST_CASE("prefetcher: if no image can be decoded it says so") {
  for (const Index count : {Index{1}, Index{3}}) {
    const Numbered data(3, {0, 1, 2});
    Prefetcher batches(data, 0, count, options_of(2));
    const std::string expected = "none of " + std::to_string(count) + " images can be decoded";
    CHECK(contains(message_of<FileError>([&] { batches.next(); }), expected));
    CHECK(contains(message_of<FileError>([&] { batches.next(); }), expected));
  }
}

TEST_CASE("prefetcher: strict refuses an image that cannot be decoded by name") {
  const Numbered data(5, {3});
  PrefetchOptions options = options_of(5);
  options.strict = true;
  Prefetcher batches(data, 0, 5, options);
  CHECK(contains(message_of<FileError>([&] { batches.next(); }), "photo3.jpg"));
}

TEST_CASE("prefetcher: batches before an error are still delivered and then the error") {
  Numbered data(6);
  Sampler order(6, 7);
  for (int i = 0; i < 5; ++i) data.thrown_at = order.next();  // the fifth image drawn
  Prefetcher batches(data, 0, 6, options_of(2));
  CHECK_NOTHROW(batches.next());
  CHECK_NOTHROW(batches.next());
  CHECK(message_of<std::runtime_error>([&] { batches.next(); }) == "the disk is on fire");
}

TEST_CASE("prefetcher: it decodes ahead but no further than asked") {
  const Numbered data(100);
  PrefetchOptions options = options_of(2);
  options.ahead = 3;
  Prefetcher batches(data, 0, 100, options);
  // Three batches lie ready and a fourth waits for room.
  while (data.loads < 8) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(data.loads.load() == 8);
  batches.next();
  while (data.loads < 10) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(data.loads.load() == 10);
}

TEST_CASE("prefetcher: it can be dropped at any time") {
  for (int taken = 0; taken < 50; ++taken) {
    const Numbered data(10, {4});
    Prefetcher batches(data, 0, 10, options_of(3, true));
    for (int i = 0; i < taken % 5; ++i) batches.next();
  }
  class Slow : public Numbered {
   public:
    Slow() : Numbered(1000000) {}
    bool load(Index, std::uint8_t*) const override {
      ++loads;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return false;
    }
  };
  const Slow data;
  {
    Prefetcher batches(data, 0, data.size(), options_of(64));
    while (data.loads == 0) std::this_thread::yield();
  }
  CHECK(data.loads.load() < data.size());
}

TEST_CASE("prefetcher: empty batches and images outside the data are refused") {
  const Numbered data(5);
  CHECK_THROWS_AS(Prefetcher(data, 0, 5, options_of(0)), Error);
  CHECK_THROWS_AS(Prefetcher(data, 0, 0, options_of(1)), Error);
  CHECK_THROWS_AS(Prefetcher(data, -1, 5, options_of(1)), Error);
  PrefetchOptions none_ahead = options_of(1);
  none_ahead.ahead = 0;
  CHECK_THROWS_AS(Prefetcher(data, 0, 5, none_ahead), Error);
  PrefetchOptions no_threads = options_of(1);
  no_threads.threads = 0;
  CHECK_THROWS_AS(Prefetcher(data, 0, 5, no_threads), Error);
  CHECK(contains(message_of([&] { Prefetcher(data, 2, 4, options_of(1)); }),
                 "images 2 to 5 lie outside the 5 of the data"));
}
