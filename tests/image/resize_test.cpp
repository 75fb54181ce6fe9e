#include "image/resize.hpp"

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

using PixelBytes = std::vector<std::uint8_t>;

Picture picture(Index height, Index width, Index channels, std::uint64_t stream) {
  Picture p{height, width, channels, PixelBytes(static_cast<std::size_t>(height * width * channels))};
  const Random random{1, stream};
  for (std::size_t i = 0; i < p.pixels.size(); ++i)
    p.pixels[i] = static_cast<std::uint8_t>(random.words(i)[0] >> 24);
  return p;
}

Picture row(PixelBytes pixels) { return {1, static_cast<Index>(pixels.size()), 1, std::move(pixels)}; }

// By whole numbers alone: every old pixel is cut into height x width equal parts, of which old height x old
// width make a new pixel. For pictures of the new ratio.
PixelBytes by_parts(const Picture& p, Index height, Index width) {
  PixelBytes out;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      for (Index c = 0; c < p.channels; ++c) {
        Index sum = 0;
        for (Index dy = 0; dy < p.height; ++dy) {
          for (Index dx = 0; dx < p.width; ++dx) {
            const Index from_y = (y * p.height + dy) / height, from_x = (x * p.width + dx) / width;
            sum += p.pixels[static_cast<std::size_t>((from_y * p.width + from_x) * p.channels + c)];
          }
        }
        const Index area = p.height * p.width;
        out.push_back(static_cast<std::uint8_t>((2 * sum + area) / (2 * area)));
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("resize: halving takes the mean of four pixels") {
  const Picture p{4, 4, 1, {0, 4, 10, 20, 8, 12, 30, 40, 1, 2, 200, 200, 3, 4, 200, 201}};
  const Picture half = resize(p, 2, 2);
  CHECK(half.height == 2);
  CHECK(half.width == 2);
  CHECK(half.channels == 1);
  CHECK(half.pixels == PixelBytes{6, 25, 3, 200});  // means 6, 25, 2.5 and 200.25
}

TEST_CASE("resize: a pixel that lies in two counts for each by its share") {
  // Three to two: weights 1 and 1/2 of 3/2.
  const Picture p{3, 3, 1, {0, 90, 240, 0, 90, 240, 0, 90, 240}};
  CHECK(resize(p, 2, 2).pixels == PixelBytes{30, 190, 30, 190});
}

TEST_CASE("resize: a larger picture repeats pixels and mixes them where they meet") {
  const Picture p{2, 2, 1, {10, 40, 10, 40}};
  CHECK(resize(p, 4, 4).pixels == PixelBytes{10, 10, 40, 40, 10, 10, 40, 40, 10, 10, 40, 40, 10, 10, 40, 40});
  CHECK(resize(p, 3, 3).pixels == PixelBytes{10, 25, 40, 10, 25, 40, 10, 25, 40});
}

TEST_CASE("resize: the middle is cut to the asked ratio") {
  CHECK(resize(row({1, 2, 30, 40, 5, 6}), 1, 2).pixels == PixelBytes{30, 40});
  CHECK(resize(row({9, 50, 9}), 1, 1).pixels == PixelBytes{50});
  // Half a pixel is cut off at either side.
  CHECK(resize(row({8, 100, 16}), 1, 2).pixels == PixelBytes{54, 58});
  const Picture tall{4, 1, 3, {9, 9, 9, 1, 2, 3, 5, 6, 7, 9, 9, 9}};
  CHECK(resize(tall, 2, 1).pixels == PixelBytes{1, 2, 3, 5, 6, 7});
  CHECK(resize(tall, 1, 1).pixels == PixelBytes{3, 4, 5});  // half of either middle pixel
}

TEST_CASE("resize: the same size gives the same pixels") {
  const Picture p = picture(7, 5, 3, 1);
  CHECK(resize(p, 7, 5).pixels == p.pixels);
}

TEST_CASE("resize: it agrees with a mean over whole parts of pixels") {
  std::uint64_t stream = 2;
  for (const Index h : {2, 5, 8, 21}) {
    for (const Index to : {1, 2, 3, 7, 8, 13, 32}) {
      const Picture p = picture(h, 2 * h, 3, stream++);
      INFO(h << "x" << 2 * h << " to " << to << "x" << 2 * to);
      CHECK(resize(p, to, 2 * to).pixels == by_parts(p, to, 2 * to));
    }
  }
}

TEST_CASE("resize: an empty picture and an empty size are refused") {
  CHECK_THROWS_AS(resize(Picture{}, 2, 2), ShapeError);
  CHECK(contains(message_of<ShapeError>([] { resize(row({1, 2}), 0, 3); }), "1x2 cannot become 0x3"));
}
