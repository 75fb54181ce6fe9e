// What models learn of their context: densities beside the entropies of what they are learned from.
#include <numbers>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

constexpr float noise_of_given = 0.1f;

// Images [N, 4, 4, 1]: those given [N, 2, 2, 1], which are of N(0, 1), enlarged, and noise.
struct GivenImages {
  static constexpr Index blocks = 4, numbers_in_block = 4;
  static Shape shape(Index n) { return {n, 4, 4, 1}; }
  static Shape given(Index n) { return {n, 2, 2, 1}; }
  static Index source(Index i) { return i / 16 * 4 + i % 16 / 8 * 2 + i % 4 / 2; }
};

// Vectors [N, 4]: two numbers that are given, each twice, and noise.
struct GivenVectors {
  static constexpr Index blocks = 2, numbers_in_block = 2;
  static Shape shape(Index n) { return {n, 4}; }
  static Shape given(Index n) { return {n, 2}; }
  static Index source(Index i) { return i / 4 * 2 + i % 2; }
};

template <class Data>
struct GivenPairs {
  Tensor<float> given, x;

  GivenPairs(Index n, std::uint64_t stream)
      : given(normal<float>(Data::given(n), 2 * stream)),
        x(normal<float>(Data::shape(n), 2 * stream + 1, noise_of_given)) {
    for (Index i = 0; i < x.size(); ++i) x[i] += given[Data::source(i)];
  }
  Context<float> context(bool wanted = true) const {
    return wanted ? Context<float>{.features = given} : Context<float>{};
  }
};

double mean_nats(const Tensor<float>& log_p) {
  double sum = 0;
  for (const double l : log_p) sum -= l;
  return sum / static_cast<double>(log_p.size());
}

// A model that has seen the pairs, given their contexts or nothing.
template <class Net, class Data>
Model<Net> model_of_pairs(Architecture a, bool conditional) {
  const Shape one = Data::shape(1), given = Data::given(1);
  if (conditional) a.context = given.rank() == 2 ? Shape{given[1]} : Shape{given[1], given[2], given[3]};
  Model<Net> model(a, one.rank() == 2 ? Shape{one[1]} : Shape{one[1], one[2], one[3]}, Continuous{}, 1);
  Trainer<Net> trainer(model, {.learning_rate = 3e-3, .warmup_steps = 20});
  for (std::uint64_t step = 0; step < 1000; ++step) {
    const GivenPairs<Data> pairs(64, step);
    if (step == 0) trainer.start_on(pairs.x.view(), pairs.context(conditional));
    trainer.step_on(pairs.x.view(), pairs.context(conditional));
  }
  return model;
}

// -log p(x) of a model without a context is at least the entropy of x. Given its context x has that of its
// noise, which the model reaches but for 0.06 nats a number; the context of another sample makes x unlikely,
// and samples lie around theirs.
template <class Net, class Data>
void check_use_of_context(const Architecture& a) {
  const GivenPairs<Data> held_out(2000, 100000);
  const double numbers = Data::blocks * Data::numbers_in_block, k = Data::numbers_in_block,
               of_noise = std::log(noise_of_given * std::sqrt(2 * std::numbers::pi * std::numbers::e)),
               variance = noise_of_given * noise_of_given;
  // A block's numbers have covariance 1 1^T + variance I: log det = (k - 1) log variance + log(k + variance).
  const double gain = Data::blocks * std::log((k + variance) / variance) / 2;

  const auto alone = model_of_pairs<Net, Data>(a, false);
  CHECK(mean_nats(alone.log_prob(held_out.x.view())) > numbers * of_noise + gain - 0.2);

  const auto model = model_of_pairs<Net, Data>(a, true);
  const double given = mean_nats(model.log_prob(held_out.x.view(), held_out.context()));
  CHECK(std::abs(given - numbers * of_noise) < 0.06 * numbers);

  const GivenPairs<Data> others(2000, 100001);
  CHECK(mean_nats(model.log_prob(held_out.x.view(), others.context())) > given + gain);

  const auto drawn = model.sample(2000, 1, {3, 3}, 0, held_out.context());
  double squares = 0;
  for (Index i = 0; i < drawn.size(); ++i) {
    const double from_given = drawn[i] - held_out.given[Data::source(i)];
    squares += from_given * from_given / static_cast<double>(drawn.size());
  }
  CHECK(std::abs(std::sqrt(squares) / noise_of_given - 1) < 0.15);
}

using ConditionalVectors = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<SigmoidAffine, Mlp>>>>;

}  // namespace

TEST_CASE("conditional: images given small images have the entropy of what is not given") {
  Architecture a{.levels = 1, .depth = 2, .width = 16};
  for (const auto reads : {Conditional::all, Conditional::priors}) {
    a.conditional = reads;
    check_use_of_context<Glow, GivenImages>(a);
  }
}

TEST_CASE("conditional: vectors given vectors have the entropy of what is not given") {
  Architecture a{.levels = 1, .depth = 2, .width = 16};
  for (const auto reads : {Conditional::all, Conditional::priors}) {
    a.conditional = reads;
    check_use_of_context<ConditionalVectors, GivenVectors>(a);
  }
}
