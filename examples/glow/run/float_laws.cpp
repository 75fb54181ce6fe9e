#include "run/float_laws.hpp"

#include <algorithm>
#include <cmath>

namespace glow::app {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Layers are listened to on few images, since each image passes by itself.
constexpr Index most_listened = 8;

// Images lie in -0.5 to 0.5. Of samples that lie at 1e6, as one in thousands may, float knows no density:
// what rounding leaves of their pixels is no small part of a latent's deviation.
constexpr double far_from_images = 2;

// Packed draws of samples first ... first + n - 1, of classes in turn.
struct DrawnBatch {
  Tensor<float> eps;
  std::vector<Index> labels;

  DrawnBatch(const AnyModel& model, std::uint64_t seed, Index first, Index n) : eps(model.batch_shape(n)) {
    model.draw(eps.view(), random_of_samples(seed), first);
    const Index classes = model.architecture().classes;
    if (classes == 0) return;
    for (Index i = first; i < first + n; ++i) labels.push_back(i % classes);
  }
};

// The numbers of samples first ... first + n - 1 that are not finite, appended to `bad`. A model says of a
// batch only that there is one, so that it is looked for in halves.
void find_bad(const AnyModel& model, const Draws& draws, Index first, Index n, std::vector<Index>& bad) {
  try {
    const DrawnBatch batch(model, draws.seed, first, n);
    model.sample_pixels(batch.eps.view(), draws.temperature, with_labels(batch.labels));
  } catch (const NumericError&) {
    if (n == 1) return bad.push_back(first);
    find_bad(model, draws, first, n / 2, bad);
    find_bad(model, draws, first + n / 2, n - n / 2, bad);
  }
}

double largest_difference(View<const float> a, View<const float> b) {
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    largest = d <= largest ? largest : d;  // a NaN becomes the largest
  }
  return largest;
}

double round_trip_error(const AnyModel& model, View<const float> x, std::span<const Index> labels) {
  try {
    const auto latents = model.encode(x, with_labels(labels)).latents;
    const auto again = model.decode(latents.view(), with_labels(labels));
    return largest_difference(x, again.view());
  } catch (const NumericError&) {
    return infinity;
  }
}

}  // namespace

Law check_round_trip(AnyModel& model, View<const float> x, std::span<const Index> labels, double limit) {
  Law law{"round trip", round_trip_error(model, x, labels), limit, ""};
  const Index listened = std::min(x.batch(), most_listened);
  const auto own = labels.first(labels.empty() ? 0 : static_cast<std::size_t>(listened));
  const auto errors = model.inverse_errors(x.samples(0, listened), with_labels(own));
  const auto worst =
      std::max_element(errors.begin(), errors.end(),
                       [](const InverseError& a, const InverseError& b) { return a.error < b.error; });
  law.where = worst->layer;
  law.detail =
      join("images -0.5 to 0.5, ", x.batch(), " of them; worst layer ", worst->layer, ", by ", worst->error);
  return law;
}

Law check_finite_samples(AnyModel& model, const Draws& draws) {
  std::vector<Index> bad;
  for (Index first = 0; first < draws.count; first += draws.batch)
    find_bad(model, draws, first, std::min(draws.batch, draws.count - first), bad);
  Law law{"samples not finite", static_cast<double>(bad.size()) / static_cast<double>(draws.count), 0,
          join(bad.size(), " of ", draws.count, " at temperature ", draws.temperature)};
  if (bad.empty()) return law;
  const DrawnBatch first(model, draws.seed, bad.front(), 1);
  law.where = model.first_not_finite(first.eps.view(), draws.temperature, with_labels(first.labels));
  law.detail += "; sample " + std::to_string(bad.front()) + " first at " + law.where;
  return law;
}

Law check_sample_densities(const AnyModel& model, const Draws& draws, double limit) {
  Law law{"density of samples", std::nullopt, limit, ""};
  const auto dimensions = static_cast<double>(model.sample_shape().size());
  Index near = 0;
  for (Index first = 0; first < draws.count; first += draws.batch) {
    const DrawnBatch batch(model, draws.seed, first, std::min(draws.batch, draws.count - first));
    const SampleDensities d = model.densities(batch.eps.view(), draws.temperature, with_labels(batch.labels));
    for (std::size_t i = 0; i < d.drawn.size(); ++i) {
      if (!(d.largest[i] <= far_from_images)) continue;
      law.take(std::abs(d.encoded[i] - d.drawn[i]) / std::max(dimensions, std::abs(d.drawn[i])));
      ++near;
    }
  }
  if (near == 0) law.take(infinity);
  law.detail = join("log p(x) by encoding and by the draw, relative; ", near, " of ", draws.count,
                    " samples, those with numbers of at most ", far_from_images);
  return law;
}

}  // namespace glow::app
