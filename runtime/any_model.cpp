// Samples of a seed, of which those that do not come out finite are drawn again.
#include <glow/core/warning.hpp>
#include <glow/runtime/any_model.hpp>

#include "in_parts.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace {

constexpr std::uint64_t most_draws = 10;

// Draws samples by make(eps, context), a range of numbers for each, and those again that are not finite.
template <class Number, class Make>
struct Drawing {
  const AnyModel& model;
  Random random;
  Make make;
  Index drawn_again = 0;

  // Samples first ... first + count - 1 of draw number `draw`, from 0, to `out`.
  void operator()(Index first, Index count, std::uint64_t draw, const Context<float>& context, Number* out) {
    try {
      Tensor<float> eps(model.batch_shape(count));
      model.draw(eps.view(), draw == 0 ? random : random.fork(draw << 32), first);
      const auto made = make(eps.view(), context);
      std::copy(made.begin(), made.end(), out);
      return;
    } catch (const NumericError&) {
      if (count == 1 && draw + 1 == most_draws) throw;
    }
    if (count == 1) {
      drawn_again += draw == 0;
      return (*this)(first, count, draw + 1, context, out);
    }
    const Index half = count / 2;
    (*this)(first, half, draw, context.samples(0, half), out);
    (*this)(first + half, count - half, draw, context.samples(half, count - half),
            out + half * model.sample_shape().size());
  }
};

template <class Number, class Make>
void draw_samples(const AnyModel& model, Index first, Index n, Random random, const Context<float>& context,
                  Number* out, Make make) {
  Drawing<Number, Make> draw{model, random, make};
  runtime::in_parts(n, model.samples_at_once(), [&](ImageRange i) {
    draw(first + i.first, i.count, 0, context.samples(i.first, i.count),
         out + i.first * model.sample_shape().size());
  });
  if (draw.drawn_again > 0)
    warn(draw.drawn_again, " of ", n, " samples did not come out finite and were drawn again");
}

}  // namespace

void AnyModel::check_asked(std::string_view verb, Index n, Index first, const Context<float>& context) const {
  require<ShapeError>(n >= 1, "n: ", n, " must be at least 1");
  require(first >= 0, "first: ", first, " must be at least 0");
  check_context(verb, context, n);
}

Tensor<float> AnyModel::sample(Index n, float temperature, Random random, Index first,
                               const Context<float>& context) const {
  check_asked("sample", n, first, context);
  Tensor<float> x(batch_shape(n));
  draw_samples(
      *this, first, n, random, context, x.data(),
      [&](View<const float> eps, const Context<float>& c) { return sample_from(eps, temperature, c); });
  return x;
}

std::vector<std::uint8_t> AnyModel::sample_pixels(Index n, float temperature, Random random, Index first,
                                                  const Context<float>& context) const {
  check_asked("sample_pixels", n, first, context);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(batch_shape(n).size()));
  draw_samples(
      *this, first, n, random, context, pixels.data(),
      [&](View<const float> eps, const Context<float>& c) { return sample_pixels(eps, temperature, c); });
  return pixels;
}

}  // namespace glow
