// What a Trainer does with a gradient: optimizers, schedules, cuts, averages and batches in parts.
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture two_small_levels{.levels = 2, .depth = 2, .width = 8};

std::vector<std::uint8_t> stripes_under_noise(Index count, std::uint64_t stream) {
  std::vector<std::uint8_t> p(static_cast<std::size_t>(count * 64));
  for (std::size_t i = 0; i < p.size(); ++i)
    p[i] = static_cast<std::uint8_t>(i % 4 * 48 + Random{stream, 0}.words(i)[0] % 32);
  return p;
}

// The parameters after some steps from one start.
template <class T = float>
Tensor<T> trained(const TrainOptions& options, int steps = 3, const Architecture& a = two_small_levels,
                  std::span<const Index> labels = {}) {
  Model<Glow, T> model(a, {8, 8, 1}, Pixels{8});
  Trainer<Glow, T> trainer(model, options);
  trainer.start(stripes_under_noise(12, 1), labels);
  for (int i = 0; i < steps; ++i)
    trainer.step(stripes_under_noise(12, 1 + static_cast<std::uint64_t>(i)), labels);
  return Tensor<T>(View<const T>(model.parameters().values()));
}

// Steps of one number by a rule written out.
template <class Want>
void check_steps(const AdamOptions& options, const Want& want) {
  Adam<double> adam(2, options);
  Tensor<double> x(Shape{2}), g(Shape{2});
  Tensor<Index> weights(Shape{2});
  weights[1] = 1;  // the first is a weight
  x[0] = x[1] = 0.5;
  double m = 0, v = 0, expected[2] = {0.5, 0.5};
  for (int t = 1; t <= 5; ++t) {
    g[0] = g[1] = 0.3 * t - 0.8;
    for (const int i : {0, 1}) {
      double mi = m, vi = v;
      expected[i] = want(t, expected[i], g[0], mi, vi, i == 0);
      if (i == 1) m = mi, v = vi;
    }
    adam.step(x.view(), View<const double>(g), 0.01, View<const Index>(weights));
    CHECK(std::abs(x[0] - expected[0]) < 1e-15);
    CHECK(std::abs(x[1] - expected[1]) < 1e-15);
  }
}

// An optimizer of a user's: plain gradient descent.
class Descent {
 public:
  Descent(Index, const AdamOptions&) {}
  void step_by(View<double> values, View<const double> gradient, View<const AdamScale> scale,
               View<const Index>) {
    for (Index i = 0; i < values.size(); ++i) values[i] -= scale[0].rate * gradient[i];
  }
};

}  // namespace

TEST_CASE("optimizing: AdamW's steps are those of its paper, and shrink weights alone") {
  check_steps({.variant = AdamVariant::adamw, .weight_decay = 0.1}, [](int t, double x, double g, double& m,
                                                                       double& v, bool weight) {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    if (weight) x -= 0.01 * 0.1 * x;
    return x - 0.01 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
  });
}

TEST_CASE("optimizing: Adamax's steps are those of its paper") {
  check_steps({.variant = AdamVariant::adamax}, [](int t, double x, double g, double& m, double& v, bool) {
    m = 0.9 * m + 0.1 * g;
    v = std::max(0.999 * v, std::abs(g));
    return x - 0.01 / (1 - std::pow(0.9, t)) * m / (v + 1e-8);
  });
}

TEST_CASE("optimizing: kernels of networks and of priors are weights, and nothing else is") {
  const Architecture a{.levels = 2, .depth = 1, .width = 4, .classes = 3, .embedding = 2};
  Model<Glow> model(a, {4, 4, 1});
  const auto& p = model.parameters();
  const ops::Decayed decayed{p.weights().data(), p.weights().size()};
  std::string names;
  for (const auto& e : p.entries()) {
    if (!is_trainable(e.role)) continue;
    const Index first = e.value.data() - p.values().data();
    for (Index i = first; i < first + e.value.size(); ++i) CHECK(decayed(i) == (e.role == Role::weight));
    if (e.role == Role::weight) names += e.name + " ";
  }
  CHECK(names ==
        "level1/step1/coupling/conv1/kernel level1/step1/coupling/conv2/kernel "
        "level1/step1/coupling/conv3/kernel level1/split/prior/kernel level2/step1/coupling/conv1/kernel "
        "level2/step1/coupling/conv2/kernel level2/step1/coupling/conv3/kernel top/prior/kernel "
        "classes/head/weight ");
}

TEST_CASE("optimizing: weight decay shrinks the weights of a model and leaves others to the gradient") {
  const auto plain = trained({.adam = {.variant = AdamVariant::adamw}}, 1);
  const auto shrunk = trained({.adam = {.variant = AdamVariant::adamw, .weight_decay = 10}}, 1);
  CHECK(same_bits(plain, trained({}, 1)));
  Model<Glow> model(two_small_levels, {8, 8, 1}, Pixels{8});
  Trainer<Glow> trainer(model, {});
  trainer.start(stripes_under_noise(12, 1));
  for (const auto& e : model.parameters().entries()) {
    if (!is_trainable(e.role)) continue;
    const Index first = e.value.data() - model.parameters().values().data();
    for (Index i = 0; i < e.value.size(); ++i) {
      const float lost = e.role == Role::weight ? e.value[i] * 1e-2f : 0;
      CHECK(std::abs(plain[first + i] - lost - shrunk[first + i]) <= 1e-6f);
    }
  }
}

TEST_CASE("optimizing: schedules of the rate") {
  const Schedule constant, cosine{.kind = ScheduleKind::cosine, .steps = 110, .last = 0.1},
      step{.kind = ScheduleKind::step, .every = 30, .factor = 0.5};
  const StepRule rules[] = {{.learning_rate = 2, .warmup_steps = 10, .schedule = constant},
                            {.learning_rate = 2, .warmup_steps = 10, .schedule = cosine},
                            {.learning_rate = 2, .warmup_steps = 10, .schedule = step}};
  const auto rate = [&](int rule, Index t) { return rules[rule].rate(t); };
  for (const int rule : {0, 1, 2}) {
    CHECK(std::abs(rate(rule, 5) - 1) < 1e-15);
    CHECK(std::abs(rate(rule, 10) - 2) < 1e-15);
  }
  CHECK(rate(0, 1000) == 2);
  CHECK(std::abs(rate(1, 60) - 2 * 0.55) < 1e-15);
  CHECK(std::abs(rate(1, 35) - 2 * (0.1 + 0.9 * (1 + std::sqrt(0.5)) / 2)) < 1e-15);
  CHECK(std::abs(rate(1, 110) - 0.2) < 1e-15);
  CHECK(std::abs(rate(1, 500) - 0.2) < 1e-15);
  CHECK(rate(2, 30) == 2);
  CHECK(rate(2, 31) == 1);
  CHECK(rate(2, 91) == 0.25);
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::cosine, ScheduleKind::step})
    CHECK(schedule_kind_of(name_of(kind)) == kind);
  CHECK(message_of([] { schedule_kind_of("linear"); }) ==
        "schedule: 'linear' is none of constant, cosine, step");
}

TEST_CASE("optimizing: a gradient is cut to a norm, and then its numbers") {
  // One step of Adamax moves each number by the rate times the sign of its gradient, so moments tell.
  const auto moments = [](TrainOptions options) {
    Model<Glow, double> model(two_small_levels, {8, 8, 1}, Pixels{8});
    Trainer<Glow, double> trainer(model, options);
    trainer.start(stripes_under_noise(12, 1));
    const auto norm = trainer.step(stripes_under_noise(12, 1)).gradient_norm;
    Tensor<double> g(View<const double>(trainer.optimizer().first_moment()));
    for (double& v : g) v *= 10;
    return std::pair(g, norm);
  };
  const auto [plain, norm] = moments({});
  const double half = norm / 2;
  auto [by_norm, same_norm] = moments({.clip_norm = half});
  CHECK(same_norm == norm);  // as it was
  for (Index i = 0; i < plain.size(); ++i) CHECK(std::abs(by_norm[i] - plain[i] / 2) <= 1e-14 * norm);
  CHECK(same_bits(moments({.clip_norm = 2 * norm}).first, plain));
  const double bound = norm / 20;
  const auto by_value = moments({.clip_norm = half, .clip_value = bound}).first;
  Index cut = 0;
  for (Index i = 0; i < plain.size(); ++i) {
    CHECK(std::abs(by_value[i] - std::clamp(plain[i] / 2, -bound, bound)) <= 1e-14 * norm);
    cut += std::abs(plain[i] / 2) > bound;
  }
  CHECK(cut > 0);
}

TEST_CASE("optimizing: the average of parameters is the weighted mean over the steps") {
  Model<Glow, double> model(two_small_levels, {8, 8, 1}, Pixels{8});
  Trainer<Glow, double> trainer(model, {.learning_rate = 0.01, .average = 0.5});
  trainer.start(stripes_under_noise(12, 1));
  Tensor<double> sum(model.parameters().values().shape());
  double weights = 0;
  for (int t = 1; t <= 4; ++t) {
    trainer.step(stripes_under_noise(12, static_cast<std::uint64_t>(t)));
    weights = weights / 2 + 1;
    for (Index i = 0; i < sum.size(); ++i) sum[i] = sum[i] / 2 + model.parameters().values()[i];
  }
  for (double& v : sum) v /= weights;
  CHECK(difference<double>(trainer.average(), sum.view()) <= 1e-14);
}

TEST_CASE("optimizing: a model may have its average for a while, and no step meanwhile") {
  Model<Glow> model(two_small_levels, {8, 8, 1}, Pixels{8});
  Trainer<Glow> trainer(model, {.learning_rate = 0.1, .average = 0.9});
  trainer.start(stripes_under_noise(12, 1));
  trainer.use_average(true);  // before the first step: the parameters themselves
  const auto before = model.sample(2, 0.7f, Random{3, 0});
  trainer.use_average(false);
  CHECK(same_bits(model.sample(2, 0.7f, Random{3, 0}), before));
  for (int i = 0; i < 5; ++i) trainer.step(stripes_under_noise(12, 2));
  const Tensor<float> own(View<const float>(model.parameters().values()));
  const Tensor<float> average(View<const float>(trainer.average()));
  const auto by_own = model.sample(2, 0.7f, Random{3, 0});
  trainer.use_average(true);
  CHECK(same_bits<float>(model.parameters().values(), average.view()));
  const auto by_average = model.sample(2, 0.7f, Random{3, 0});
  CHECK(difference(by_average, by_own) > 1e-3);
  CHECK(contains(message_of([&] { trainer.step(stripes_under_noise(12, 2)); }),
                 "call use_average(false) first"));
  trainer.use_average(false);
  CHECK(same_bits<float>(model.parameters().values(), own.view()));
  CHECK(same_bits<float>(trainer.average(), average.view()));
  CHECK(same_bits(model.sample(2, 0.7f, Random{3, 0}), by_own));
  Trainer<Glow> without(model, {});
  CHECK(contains(message_of([&] { without.use_average(true); }), "TrainOptions::average is 0"));
}

TEST_CASE("optimizing: a step that is not finite leaves the average alone") {
  Model<Glow> model(two_small_levels, {8, 8, 1}, Pixels{8});
  Trainer<Glow> trainer(model, {.average = 0.9});
  trainer.start(stripes_under_noise(12, 1));
  trainer.step(stripes_under_noise(12, 1));
  const Tensor<float> average(View<const float>(trainer.average()));
  Tensor<float> bad(model.batch_shape(2));
  for (float& x : bad) x = std::numeric_limits<float>::infinity();
  CHECK_FALSE(trainer.step_on(bad.view()).taken);
  CHECK(same_bits<float>(trainer.average(), average.view()));
}

TEST_CASE("optimizing: a batch in parts gives the gradients of the whole batch") {
  const std::vector<Index> labels{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
  Architecture two_levels_of_classes = two_small_levels;
  two_levels_of_classes.classes = 3;
  two_levels_of_classes.embedding = 2;
  for (const Index parts : {2, 5, 12, 20}) {
    INFO(parts);
    CHECK(difference(trained<double>({.parts = parts}), trained<double>({})) <= 1e-12);
    CHECK(difference(trained<float>({.parts = parts}), trained<float>({})) <= 1e-6);
    CHECK(difference(trained<double>({.parts = parts}, 3, two_levels_of_classes, labels),
                     trained<double>({}, 3, two_levels_of_classes, labels)) <= 1e-12);
  }
}

TEST_CASE("optimizing: a batch in parts tells the loss and the accuracy of the whole batch") {
  const std::vector<Index> labels{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
  Architecture two_levels_of_classes = two_small_levels;
  two_levels_of_classes.classes = 3;
  two_levels_of_classes.embedding = 2;
  const auto result = [&](Index parts) {
    Model<Glow, double> model(two_levels_of_classes, {8, 8, 1}, Pixels{8});
    Trainer<Glow, double> trainer(model, {.parts = parts});
    trainer.start(stripes_under_noise(12, 1), labels);
    trainer.step(stripes_under_noise(12, 1), labels);
    return trainer.step(stripes_under_noise(12, 2), labels);
  };
  const StepResult whole = result(1), parts = result(5);
  CHECK(std::abs(parts.bits_per_dim - whole.bits_per_dim) <= 1e-12);
  CHECK(std::abs(parts.gradient_norm - whole.gradient_norm) <= 1e-12 * whole.gradient_norm);
  CHECK(std::abs(parts.accuracy - whole.accuracy) <= 1e-12);
}

TEST_CASE("optimizing: a batch in parts takes less memory") {
  const auto memory = [](Index parts) {
    return memory_of(Glow(Architecture{.levels = 2, .depth = 4, .width = 32}), {16, 16, 3}, 64,
                     {.parts = parts})
        .training();
  };
  CHECK(memory(8) < memory(1) / 2);
}

TEST_CASE("optimizing: a user's optimizer takes the steps") {
  Model<Glow, double> model(two_small_levels, {8, 8, 1}, Pixels{8});
  Trainer<Glow, double, Cpu, Descent> trainer(model, {.learning_rate = 0.01, .average = 0.5});
  trainer.start(stripes_under_noise(12, 1));
  const Tensor<double> before(View<const double>(model.parameters().values()));
  trainer.step(stripes_under_noise(12, 1));
  const auto& p = model.parameters();
  for (Index i = 0; i < before.size(); ++i) CHECK(p.values()[i] == before[i] - 0.01 * p.gradient()[i]);
}

TEST_CASE("optimizing: options out of range are named") {
  Model<Glow> model(two_small_levels, {8, 8, 1});
  const auto message = [&](TrainOptions o) { return message_of([&] { Trainer<Glow> t(model, o); }); };
  CHECK(contains(message({.adam = {.weight_decay = 0.1}}),
                 "weight_decay: 0.1 goes with the optimizer adamw alone, not with adam"));
  CHECK(contains(message({.adam = {.variant = AdamVariant::adamw, .weight_decay = -1}}), "weight_decay: -1"));
  CHECK(contains(message({.warmup_steps = 10, .schedule = {.kind = ScheduleKind::cosine, .steps = 10}}),
                 "schedule.steps: 10 must be above the 10 of the warm-up"));
  CHECK(contains(message({.schedule = {.kind = ScheduleKind::cosine, .steps = 10, .last = 2}}),
                 "schedule.last: 2"));
  CHECK(contains(message({.schedule = {.kind = ScheduleKind::step}}), "schedule.every: 0"));
  CHECK(contains(message({.schedule = {.kind = ScheduleKind::step, .every = 1, .factor = 0}}),
                 "schedule.factor: 0"));
  CHECK(contains(message({.clip_norm = -1}), "clip_norm: -1"));
  CHECK(contains(message({.clip_value = std::nan("")}), "clip_value: nan"));
  CHECK(contains(message({.average = 1}), "average: 1"));
  CHECK(contains(message({.parts = 0}), "parts: 0"));
  CHECK(adam_variant_of("adamax") == AdamVariant::adamax);
  CHECK(message_of([] { adam_variant_of("sgd"); }) == "optimizer: 'sgd' is none of adam, adamw, adamax");
}
