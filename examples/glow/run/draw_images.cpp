#include "run/draw_images.hpp"

#include <glow/core/warning.hpp>

namespace glow::app {

namespace {

constexpr std::uint64_t most_draws = 10;

// Draws images, and those again that are not finite.
struct Drawing {
  const AnyModel& model;
  Random random;
  float temperature;
  std::optional<Index> label;
  Index drawn_again = 0;

  // Images of draw number `draw`, from 0, to `out`.
  void operator()(Index first, Index count, std::uint64_t draw, std::uint8_t* out) {
    try {
      const auto pixels = sample(first, count, draw);
      std::copy(pixels.begin(), pixels.end(), out);
      return;
    } catch (const NumericError&) {
      if (count == 1 && draw + 1 == most_draws) throw;
    }
    if (count == 1) {
      drawn_again += draw == 0;
      return (*this)(first, count, draw + 1, out);
    }
    const Index half = count / 2;
    (*this)(first, half, draw, out);
    (*this)(first + half, count - half, draw, out + half * model.batch_shape(1).size());
  }

  std::vector<std::uint8_t> sample(Index first, Index count, std::uint64_t draw) const {
    Tensor<float> eps(model.batch_shape(count));
    model.draw(eps.view(), draw == 0 ? random : random.fork(draw << 32), first);
    const std::vector<Index> labels(label ? static_cast<std::size_t>(count) : 0, label.value_or(0));
    return model.sample_pixels(eps.view(), temperature, with_labels(labels));
  }
};

}  // namespace

std::vector<std::uint8_t> draw_images(const AnyModel& model, Index first, Index count, Random random,
                                      float temperature, std::optional<Index> label) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(model.batch_shape(count).size()));
  Drawing draw{model, random, temperature, label};
  draw(first, count, 0, pixels.data());
  if (draw.drawn_again > 0)
    warn(draw.drawn_again, " of ", count, " images did not come out finite and were drawn again");
  return pixels;
}

}  // namespace glow::app
