// Models of vectors: densities of the numbers as they are given.
#include <Eigen/Dense>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

template <class Map>
using VectorsOf = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<Map, Mlp>>>>;
using Vectors = VectorsOf<RationalQuadratic<8>>;

constexpr Architecture for_vectors{.levels = 1, .depth = 3, .width = 16};

// Vectors whose component i has about mean 100 i and deviation 10^i / 10.
template <class T = double>
Tensor<T> table(Index rows, Index d, std::uint64_t stream) {
  auto x = normal<T>({rows, d}, stream);
  for (Index n = 0; n < rows; ++n) {
    x[n * d + d - 1] += x[n * d] * x[n * d];
    for (Index i = 0; i < d; ++i) {
      T& v = x[n * d + i];
      v = static_cast<T>(100 * i) + v * static_cast<T>(std::pow(10, i) / 10);
    }
  }
  return x;
}

// A model that has seen data and has no number left at its start.
template <class T = double, class Net = Vectors>
Model<Net, T> started_model(const Tensor<T>& x, Architecture a = for_vectors) {
  Model<Net, T> model(a, Vector{x.shape()[1]}, 3);
  model.start(x.view());
  shake(model.parameters(), T(0.1));
  model.changed();
  return model;
}

double mean_of(const Tensor<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

}  // namespace

TEST_CASE("vectors: encode and decode undo one another for many sizes") {
  for (const Index d : {2, 3, 5}) {
    for (const bool top : {false, true}) {
      const Architecture a{.levels = 1, .depth = 2, .width = 8, .learn_top_prior = top};
      const auto x = table(300, d, 1);
      const auto model = started_model(x, a);
      const auto code = model.encode(x.view());
      CHECK(code.latents.shape() == x.shape());
      CHECK(model.latent(1, code.latents.view()).shape() == x.shape());
      CHECK(difference(model.decode(code.latents.view()), x) <= 1e-11);
      const auto y = table<float>(300, d, 1);
      const auto single = started_model<float>(y, a);
      const auto single_code = single.encode(y.view());
      CHECK(difference(single.decode(single_code.latents.view()), y) <= 1e-5);
    }
  }
}

TEMPLATE_TEST_CASE("vectors: log p(x) is log p(z) and log|det| of the dense Jacobian, of the numbers given",
                   "", SigmoidAffine, ExpAffine, Additive, RationalQuadratic<8>) {
  const Index d = 4;
  const auto x = table(200, d, 1);
  const auto model = started_model<double, VectorsOf<TestType>>(x);
  const auto few = Tensor<double>(x.samples(0, 3));
  const auto code = model.encode(few.view());
  const auto log_p = model.log_prob(few.view());
  for (Index n = 0; n < 3; ++n) {
    Eigen::MatrixXd jacobian(d, d);
    for (Index j = 0; j < d; ++j) {
      const double h = 1e-5 * std::pow(10, j) / 10;
      Tensor<double> up = few, down = few;
      up[n * d + j] += h;
      down[n * d + j] -= h;
      const auto z_up = model.encode(up.view()).latents, z_down = model.encode(down.view()).latents;
      for (Index i = 0; i < d; ++i) jacobian(i, j) = (z_up[n * d + i] - z_down[n * d + i]) / (2 * h);
    }
    const double dense = jacobian.partialPivLu().matrixLU().diagonal().array().abs().log().sum();
    CHECK(std::abs(dense - code.logdet[n]) <= 1e-6);
    double log_pz = 0;
    for (Index i = 0; i < d; ++i) {
      const double z = code.latents[n * d + i];
      log_pz += -z * z / 2 - std::log(2 * std::numbers::pi) / 2;
    }
    CHECK(std::abs(log_pz - code.logpz[n]) <= 1e-12 * std::abs(log_pz));
    CHECK(std::abs(log_p[n] - (code.logpz[n] + code.logdet[n])) <= 1e-12 * std::abs(log_p[n]));
  }
}

TEST_CASE("vectors: the density of data as given is that of data standardized by hand, over the deviations") {
  const Index d = 3;
  const auto x = table(500, d, 1);
  Model<Vectors, double> given(for_vectors, Vector{d}, 3), by_hand(for_vectors, Vector{d}, 3);
  given.start(x.view());
  auto standardized = x;
  double log_deviations = 0;
  for (Index i = 0; i < d; ++i) {
    double mean = 0, variance = 0;
    for (Index n = 0; n < 500; ++n) mean += x[n * d + i] / 500;
    for (Index n = 0; n < 500; ++n) variance += (x[n * d + i] - mean) * (x[n * d + i] - mean) / 500;
    for (Index n = 0; n < 500; ++n) (standardized[n * d + i] -= mean) /= std::sqrt(variance);
    log_deviations += std::log(variance) / 2;
    CHECK(std::abs(given.parameters().entry("domain/bias").value[i] + mean) <= 1e-12 * std::abs(mean));
    CHECK(std::abs(given.parameters().entry("domain/log_scale").value[i] + std::log(variance) / 2) <= 1e-12);
  }
  by_hand.start(standardized.view());
  CHECK(difference<double>(given.parameters().values(), by_hand.parameters().values()) <= 1e-10);
  const auto a = given.log_prob(x.view()), b = by_hand.log_prob(standardized.view());
  for (Index n = 0; n < 500; ++n) CHECK(std::abs(a[n] - (b[n] - log_deviations)) <= 1e-9);
}

TEST_CASE("vectors: the density of a plane integrates to 1") {
  const auto x = table(400, 2, 1);  // about 0 +- 0.1 and 101 +- 1.7
  const auto model = started_model(x);
  constexpr Index side = 400;
  const double from[2] = {-0.8, 87}, to[2] = {0.8, 127};
  Tensor<double> grid(Shape{side * side, 2});
  for (Index i = 0; i < side * side; ++i) {
    const Index at[2] = {i / side, i % side};
    for (int k = 0; k < 2; ++k)
      grid[2 * i + k] = from[k] + (static_cast<double>(at[k]) + 0.5) / side * (to[k] - from[k]);
  }
  double sum = 0;
  for (const double l : model.log_prob(grid.view())) sum += std::exp(l);
  const double cell = (to[0] - from[0]) * (to[1] - from[1]) / (side * side);
  CHECK(std::abs(sum * cell - 1) <= 2e-3);
}

TEST_CASE("vectors: gradients of the loss agree with central differences, those of data as given, too") {
  for (const bool top : {false, true}) {
    Architecture a = for_vectors;
    a.learn_top_prior = top;
    const auto x = table(6, 3, 2);
    auto model = started_model(table(300, 3, 1), a);
    Trainer<Vectors, double> trainer(model, {});
    const auto loss = [&](const Tensor<double>& at) {
      Tensor<double> copy = at;
      return trainer.loss_gradient(copy.view());
    };
    Tensor<double> dx = x;
    const double value = trainer.loss_gradient(dx.view());
    CHECK(std::abs(value + mean_of(model.log_prob(x.view())) / (3 * std::numbers::ln2)) <= 1e-12);
    const Tensor<double> gradient(View<const double>(model.parameters().gradient()));
    for (Index i = 0; i < x.size(); ++i) {
      const double h = 1e-6 * std::pow(10, i % 3);
      Tensor<double> up = x, down = x;
      up[i] += h;
      down[i] -= h;
      CHECK(std::abs((loss(up) - loss(down)) / (2 * h) - dx[i]) <= 1e-6 * (1 + std::abs(dx[i])));
    }
    const auto values = model.parameters().values();
    for (Index i = 0; i < values.size(); i += 1 + values.size() / 200) {
      const double numeric = central_difference(values[i], [&] {
        model.changed();
        return loss(x);
      });
      CHECK(std::abs(numeric - gradient[i]) <= 1e-6);
    }
  }
}

TEST_CASE("vectors: samples have the data's own mean and deviation, and do not depend on the batch") {
  const auto x = table<float>(2000, 3, 1);
  Model<Vectors> model(for_vectors, Vector{3}, 3);
  model.start(x.view());
  const auto drawn = model.sample(2000, 1, Random{4, 1});
  CHECK(drawn.shape() == Shape{2000, 3});
  for (Index i = 0; i < 3; ++i) {
    double mean[2] = {}, squares[2] = {};
    for (const int which : {0, 1}) {
      const auto& of = which == 0 ? x : drawn;
      for (Index n = 0; n < 2000; ++n) mean[which] += static_cast<double>(of[3 * n + i]) / 2000;
      for (Index n = 0; n < 2000; ++n) {
        const double e = static_cast<double>(of[3 * n + i]) - mean[which];
        squares[which] += e * e / 2000;
      }
    }
    CHECK(std::abs(mean[1] - mean[0]) <= 0.1 * std::sqrt(squares[0]));
    CHECK(std::abs(std::sqrt(squares[1] / squares[0]) - 1) <= 0.1);
  }
  const auto some = model.sample(7, 1, Random{4, 1}, 5);
  CHECK(same_bits<float>(some.view(), drawn.samples(5, 7)));
}

TEST_CASE("vectors: the same bits on any number of threads, in training, densities and samples") {
  const int before = threads();
  const auto x = table<float>(700, 4, 1);
  const auto bits_on = [&](int n) {
    set_threads(n);
    Model<Vectors> model(for_vectors, Vector{4}, 3);
    Trainer<Vectors> trainer(model, {});
    trainer.start_on(x.view());
    for (Index step = 0; step < 4; ++step) trainer.step_on(x.samples(step * 100, 300));
    const auto log_p = model.log_prob(x.view());
    const auto samples = model.sample(500, 1, Random{1, 2});
    std::vector<float> all(model.parameters().values().begin(), model.parameters().values().end());
    all.insert(all.end(), log_p.begin(), log_p.end());
    all.insert(all.end(), samples.begin(), samples.end());
    return all;
  };
  const auto one = bits_on(1);
  for (const int n : {2, 5}) CHECK(bits_on(n) == one);
  set_threads(before);
}

TEST_CASE("vectors: training raises the likelihood of held-out data, and goes on from saved tensors") {
  const auto x = table<float>(2000, 2, 1), held_out = table<float>(1000, 2, 2);
  const TrainOptions options{.learning_rate = 3e-3};
  Model<Vectors> model(for_vectors, Vector{2}, 3), resumed(for_vectors, Vector{2}, std::nullopt);
  Trainer<Vectors> trainer(model, options), resumed_trainer(resumed, options);
  trainer.start_on(x.view());
  const auto mean_log_p = [&] {
    double sum = 0;
    for (const float l : model.log_prob(held_out.view())) sum += static_cast<double>(l) / 1000;
    return sum;
  };
  const double at_first = mean_log_p();
  const auto batch = [&](Index step) { return x.samples(step % 10 * 200, 200); };
  StepResult last{};
  for (Index step = 0; step < 100; ++step) last = trainer.step_on(batch(step));
  CHECK(mean_log_p() > at_first + 0.2);
  CHECK(std::abs(last.nats - last.bits_per_dim * 2 * std::numbers::ln2) <= 1e-12 * std::abs(last.nats));
  CHECK(std::abs(-last.nats - mean_log_p()) <= 0.3);

  // What a checkpoint holds: every tensor that is not derived, and Adam's moments.
  for (const auto& e : model.parameters().entries()) {
    if (e.role != Role::derived) copy(e.value, resumed.parameters().entry(e.name).value);
  }
  resumed.changed();
  copy(trainer.optimizer().first_moment(), resumed_trainer.optimizer().first_moment());
  copy(trainer.optimizer().second_moment(), resumed_trainer.optimizer().second_moment());
  resumed_trainer.set_steps(trainer.steps(), trainer.taken_steps());
  CHECK(same_bits(model.log_prob(held_out.view()), resumed.log_prob(held_out.view())));
  for (Index step = 100; step < 105; ++step) {
    trainer.step_on(batch(step));
    resumed_trainer.step_on(batch(step));
  }
  CHECK(same_bits<float>(model.parameters().values(), resumed.parameters().values()));
}

TEST_CASE("vectors: what a net cannot take is refused by name") {
  const auto make = [](auto fn) { return message_of<ShapeError>(fn); };
  CHECK(make([] { Model<Vectors> m(Architecture{.levels = 2, .depth = 1, .width = 4}, Vector{2}); }) ==
        "MultiScale: levels 2 must be 1 for an input 1x2, since only images [N, H, W, C] are split");
  CHECK(make([] { Model<Vectors> m(for_vectors, Vector{1}); }) ==
        "Coupling at level 1: 1 channel cannot be split in two (input is 1x1)");
  CHECK(make([] { Model<Glow> m(for_vectors, Vector{4}); }) ==
        "Squeeze at level 1: input 1x4 must be [N, H, W, C]");
  CHECK(make([] { Model<MultiScale<Step>> m(for_vectors, Vector{4}); }) ==
        "Coupling at level 1: input 1x4 must be [N, H, W, C]");
  CHECK(make([] {
          Model<Vectors> m(for_vectors, {4, 4});
        }) == "Model: sample 4x4 must be [H, W, C] or, of vectors, [D]");
  Model<Vectors> model(for_vectors, Vector{3});
  Trainer<Vectors> trainer(model, {});
  Tensor<float> wrong({5, 2});
  CHECK(make([&] { model.log_prob(wrong.view()); }) ==
        "Model::encode: x: batch 5x2 is not [N, 3] of at least one vector");
  CHECK(make([&] { trainer.step_on(wrong.view()); }) ==
        "Trainer::step_on: batch 5x2 is not [N, 3] of at least one vector");
}
