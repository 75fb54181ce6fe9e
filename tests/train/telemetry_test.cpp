// What is told of each layer of a model, against numbers of the model itself.
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <map>

#include <glow/train/measure_telemetry.hpp>

#include "layers/own_layers.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

const Architecture told_of{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true};

// A model with its trainer, all parameters off their starting values.
template <class Net>
struct Trained {
  Model<Net, double> model;
  Trainer<Net, double> trainer;
  Tensor<double> x;

  Trained(const Architecture& a, const Shape& sample, Index n = 5)
      : model(a, sample), trainer(model, {}), x(normal(model.batch_shape(n), 1, 0.5)) {
    shake(model.parameters());
    model.changed();
  }
  Telemetry tell(const Context<double>& context = {}) {
    return measure_telemetry(trainer, x.view(), context);
  }
  double bits(double nats) const { return nats / (static_cast<double>(model.dimensions()) * std::log(2.0)); }
};

const LayerTelemetry& layer_named(const Telemetry& t, const std::string& name) {
  const auto found =
      std::find_if(t.layers.begin(), t.layers.end(), [&](const LayerTelemetry& l) { return l.name == name; });
  INFO(name);
  REQUIRE(found != t.layers.end());
  return *found;
}

// The sum of a figure over layers that are no containers and whose names begin so.
template <class Figure>
double summed(const Telemetry& t, Figure LayerTelemetry::*figure, const std::string& prefix = "") {
  double sum = 0;
  for (const LayerTelemetry& l : t.layers)
    if (!l.container && l.name.starts_with(prefix)) sum += (l.*figure).value_or(0);
  return sum;
}

double mean_logdet(const Tensor<double>& logdet) {
  double sum = 0;
  for (const double v : logdet) sum += v;
  return sum / static_cast<double>(logdet.size());
}

bool about(double a, double b, double relative = 1e-11) { return std::abs(a - b) <= relative * std::abs(b); }

// What enters a layer on the way forward, and the largest number that comes out.
struct Around : Probe<double> {
  std::string layer;
  Tensor<double> input;
  double largest = 0;

  explicit Around(std::string name) : layer(std::move(name)) {}
  void before(const LayerPlace& place, Verb, View<double> x) override {
    if (place.path() == layer) input = Tensor<double>(View<const double>(x));
  }
  void after(const LayerPlace& place, Verb, View<double> x) override {
    if (place.path() != layer) return;
    for (const double v : x) largest = std::max(largest, std::abs(v));
  }
};

// Runs all samples as one group.
template <class Net>
Around around(Trained<Net>& m, const std::string& layer) {
  Around probe(layer);
  const Listening listening(m.model, probe);
  const int before = threads();
  set_threads(1);
  m.model.encode(m.x.view());
  set_threads(before);
  return probe;
}

}  // namespace

TEST_CASE("telemetry: layers come in the order of forward, each after the containers that it is in") {
  Trained<Glow> m(told_of, {4, 4, 1});
  const Telemetry t = m.tell();
  std::vector<std::string> names, containers;
  for (const LayerTelemetry& l : t.layers) (l.container ? containers : names).push_back(l.name);
  CHECK(names == std::vector<std::string>{
                     "level1/step1/actnorm+conv1x1", "level1/step1/coupling", "level1/step2/actnorm+conv1x1",
                     "level1/step2/coupling", "level2/step1/actnorm+conv1x1", "level2/step1/coupling",
                     "level2/step2/actnorm+conv1x1", "level2/step2/coupling", "level1/split", "top"});
  CHECK(containers == std::vector<std::string>{"level1", "level1/step1", "level1/step2", "level2",
                                               "level2/step1", "level2/step2"});
  CHECK(t.layers[0].name == "level1");
  CHECK(t.layers[2].name == "level1/step1/actnorm+conv1x1");
}

TEST_CASE("telemetry: shares of the log-determinant are the layers' own, and add up to the model's") {
  Trained<Glow> m(told_of, {4, 4, 1});
  const Telemetry t = m.tell();
  const auto code = m.model.encode(m.x.view());
  const double all = m.bits(mean_logdet(code.logdet));
  CHECK(about(t.logdet_bits_per_dim, all));
  CHECK(about(summed(t, &LayerTelemetry::logdet_bits_per_dim), all));
  for (const char* level : {"level1", "level2"})
    CHECK(about(*layer_named(t, level).logdet_bits_per_dim,
                summed(t, &LayerTelemetry::logdet_bits_per_dim, level)));
  double sum = 0;
  for (const double v : m.model.parameters().entry("level1/step2/actnorm/log_scale").value) sum += v;
  for (const double v : m.model.parameters().entry("level1/step2/conv1x1/log_s").value) sum += v;
  CHECK(about(*layer_named(t, "level1/step2/actnorm+conv1x1").logdet_bits_per_dim, m.bits(4 * sum)));
  CHECK(!layer_named(t, "top").logdet_bits_per_dim);
}

TEST_CASE("telemetry: norms of gradients are those of the parts of the gradient") {
  Trained<Glow> m(told_of, {4, 4, 1});
  const Telemetry t = m.tell();
  Tensor<double> x = m.x;
  CHECK(about(t.bits_per_dim, m.trainer.loss_gradient(x.view())));
  std::map<std::string, double> squares;
  double all = 0;
  for (const auto& e : m.model.parameters().entries()) {
    if (e.gradient.empty()) continue;
    double sum = 0;
    for (const double g : e.gradient) sum += g * g;
    all += sum;
    std::string layer = e.name.substr(0, e.name.find('/', e.name.find('/') + 1));  // "level1/split"
    if (layer.find("step") != std::string::npos) {
      const bool coupling = contains(e.name, "/coupling/");
      squares[layer] += sum;
      layer += coupling ? "/coupling" : "/actnorm+conv1x1";
    }
    squares[e.name.starts_with("top/") ? "top" : layer] += sum;
  }
  CHECK(squares.size() == 4 + 8 + 2);
  for (const auto& [name, sum] : squares) {
    INFO(name);
    CHECK(about(layer_named(t, name).gradient_norm.value(), std::sqrt(sum)));
  }
  CHECK(about(t.gradient_norm, std::sqrt(all)));
  double added = 0;
  for (const LayerTelemetry& l : t.layers)
    if (!l.container) added += *l.gradient_norm * *l.gradient_norm;
  CHECK(about(added, all));
}

TEST_CASE("telemetry: the scales of ActNorms are their parameters', and W's condition its singular values'") {
  Trained<Glow> m(told_of, {4, 4, 1});
  const Telemetry t = m.tell();
  const LayerTelemetry& l = layer_named(t, "level2/step1/actnorm+conv1x1");
  const View<double> log_s = m.model.parameters().entry("level2/step1/actnorm/log_scale").value;
  CHECK(about(*l.least_scale, std::exp(*std::min_element(log_s.begin(), log_s.end()))));
  CHECK(about(*l.largest_scale, std::exp(*std::max_element(log_s.begin(), log_s.end()))));
  const View<double> w = m.model.parameters().entry("level2/step1/conv1x1/weight").value;
  const Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>> matrix(w.data(), w.channels(),
                                                                                w.channels());
  const Eigen::MatrixXd square = matrix.transpose() * matrix;
  const Eigen::VectorXd values = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(square).eigenvalues();
  CHECK(about(*l.condition, std::sqrt(values.maxCoeff() / values.minCoeff()), 1e-9));
  CHECK(*l.condition > 1.01);
  // Of a container the extremes of what is in it.
  double least = 1e9, largest = 0, condition = 0;
  for (const LayerTelemetry& in : t.layers) {
    if (in.container || !in.name.starts_with("level2/") || !in.least_scale) continue;
    least = std::min(least, *in.least_scale);
    largest = std::max(largest, *in.largest_scale);
    condition = std::max(condition, in.condition.value_or(0));
  }
  CHECK(*layer_named(t, "level2").least_scale == least);
  CHECK(*layer_named(t, "level2").largest_scale == largest);
  CHECK(*layer_named(t, "level2").condition == condition);
  CHECK(!layer_named(t, "level2/step1/coupling").condition);
  CHECK(!layer_named(t, "level1/split").least_scale);
}

TEMPLATE_TEST_CASE("telemetry: the scales of couplings are the derivatives of their maps", "", SigmoidAffine,
                   Additive, ExpAffine, RationalQuadratic<8>) {
  using Told = CouplingOf<TestType>;
  using Net = MultiScale<Flow<Squeeze, Flow<ActNorm, Conv1x1, Told>>>;
  Trained<Net> m({.levels = 1, .width = 4}, {4, 4, 1});
  const Telemetry t = m.tell();
  const LayerTelemetry& l = layer_named(t, "level1/coupling");
  const Tensor<double> input = around(m, "level1/coupling").input;
  const auto& flow = std::get<1>(m.model.net().level().layers());
  const Told& coupling = std::get<2>(flow.layers());
  const auto& p = std::get<2>(std::get<1>(m.model.parameters().params().levels[0].layers).layers);
  constexpr double h = 1e-6;
  const auto moved = [&](double by) {
    Tensor<double> x = input;
    for (Index i = 0; i < x.size(); ++i) x[i] += i % 4 < 2 ? by : 0;
    coupling.forward(p, x.view(), View<double>());
    return x;
  };
  const Tensor<double> up = moved(h), down = moved(-h);
  double least = 1e9, largest = 0;
  for (Index i = 0; i < up.size(); ++i) {
    if (i % 4 >= 2) continue;
    const double slope = (up[i] - down[i]) / (2 * h);
    least = std::min(least, slope);
    largest = std::max(largest, slope);
  }
  CHECK(about(*l.least_scale, least, 1e-6));
  CHECK(about(*l.largest_scale, largest, 1e-6));
  const bool scales = !std::is_same_v<TestType, Additive>;
  CHECK((*l.largest_scale - *l.least_scale > 1e-3) == scales);
}

TEST_CASE("telemetry: a coupling that reads the first half tells of the second") {
  using Turned = CouplingOf<Additive, ConvNet, Condition::on_first_half>;
  Trained<MultiScale<Flow<Squeeze, Flow<Coupling, Turned>>>> m({.levels = 1, .width = 4}, {4, 4, 1});
  const Telemetry t = m.tell();
  CHECK(*layer_named(t, "level1/coupling_2").least_scale == 1);
  CHECK(*layer_named(t, "level1/coupling_2").largest_scale == 1);
  CHECK(*layer_named(t, "level1/coupling").largest_scale < 1);
}

TEST_CASE("telemetry: the largest numbers and errors of inverses are those that a probe finds") {
  Trained<Glow> m(told_of, {4, 4, 1});
  const Telemetry t = m.tell();
  for (const char* name : {"level1/step1/actnorm+conv1x1", "level2/step2/coupling", "level1"})
    CHECK(*layer_named(t, name).largest == around(m, name).largest);
  CHECK(t.round_trip_error <= 1e-13);
  for (const InverseError& e : inverse_errors(m.model, m.x.view()))
    CHECK(layer_named(t, e.layer).inverse_error == e.error);

  // A wrong inverse of W is in the derived numbers alone, as long as these are not computed anew.
  m.model.parameters().entry("level2/step1/conv1x1/inverse").value[0] += 0.5;
  const Telemetry wrong = m.tell();
  CHECK(*layer_named(wrong, "level2/step1/actnorm+conv1x1").inverse_error > 1e-2);
  CHECK(*layer_named(wrong, "level2/step2/actnorm+conv1x1").inverse_error <= 1e-13);
  CHECK(wrong.round_trip_error > 1e-2);
}

TEST_CASE("telemetry: on one thread a container takes as long as what is in it") {
  const int before = threads();
  set_threads(1);
  Trained<Glow> m(told_of, {8, 8, 1}, 16);
  const Telemetry t = m.tell();
  for (const auto seconds : {&LayerTelemetry::forward_seconds, &LayerTelemetry::backward_seconds}) {
    for (const LayerTelemetry& l : t.layers) {
      INFO(l.name);
      const bool is_layer = l.name.find("step") != std::string::npos || l.container;
      CHECK((l.*seconds).has_value() == is_layer);
      if (is_layer) CHECK(*(l.*seconds) > 0);
      if (l.container) CHECK(*(l.*seconds) >= summed(t, seconds, l.name + "/"));
    }
  }
  set_threads(before);
}

TEST_CASE("telemetry: training goes on with the same bits, on any number of threads") {
  const int before = threads();
  const auto trained = [](bool tells) {
    Model<Glow> model(told_of, {8, 8, 1}, Pixels{5}, 3);
    Trainer<Glow> trainer(model, {.average = 0.9});
    std::vector<std::uint8_t> images(6 * 64);
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * 37);
    trainer.start(images);
    const auto x = normal<float>({9, 8, 8, 1}, 4);
    for (int step = 0; step < 3; ++step) {
      trainer.step(images);
      if (tells) measure_telemetry(trainer, x.view());
    }
    return Tensor<float>(View<const float>(model.parameters().values()));
  };
  set_threads(1);
  const auto without = trained(false);
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    CHECK(same_bits(trained(true), without));
  }
  set_threads(before);
}

TEST_CASE("telemetry: of a user's layer, and of one that is chosen when the program runs") {
  using Own = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, AnyPermutation, Squash, AnyCoupling>>>>;
  Trained<Own> m({.levels = 1, .depth = 1, .width = 4}, {4, 4, 1});
  const Telemetry t = m.tell();
  const LayerTelemetry& squash = layer_named(t, "level1/step1/squash");
  CHECK(*squash.largest == around(m, "level1/step1/squash").largest);
  CHECK(*squash.logdet_bits_per_dim != 0);
  CHECK(!squash.least_scale);
  CHECK(!squash.condition);
  CHECK(*squash.inverse_error <= 1e-12);
  CHECK(layer_named(t, "level1/step1/coupling").least_scale.has_value());
  CHECK(layer_named(t, "level1/step1/actnorm+conv1x1").condition.has_value());
  Trained<Own> fixed({.levels = 1, .depth = 1, .width = 4, .permutation = PermutationKind::reverse},
                     {4, 4, 1});
  const Telemetry other = fixed.tell();
  CHECK(!layer_named(other, "level1/step1/actnorm+permutation").condition);
  CHECK(layer_named(other, "level1/step1/actnorm+permutation").least_scale.has_value());
}

TEST_CASE("telemetry: of vectors, whose domain has a share of the log-determinant") {
  using Tabular = MultiScale<Repeat<Flow<ActNorm, Conv1x1, CouplingOf<ExpAffine, Mlp>>>>;
  Trained<Tabular> m({.levels = 1, .depth = 2, .width = 8}, Vector{3}, 40);
  for (double& v : m.x) v *= 100;
  m.model.start(m.x.view());
  const Telemetry t = m.tell();
  double log_deviations = 0;
  for (const double s : m.model.parameters().entry("domain/log_scale").value) log_deviations -= s;
  CHECK(log_deviations > 3);
  CHECK(about(t.logdet_bits_per_dim + m.bits(log_deviations), summed(t, &LayerTelemetry::logdet_bits_per_dim),
              1e-9));
  CHECK(t.round_trip_error <= 1e-12);
}

TEST_CASE("telemetry: of a conditional model, which needs its labels") {
  Architecture a = told_of;
  a.classes = 3;
  Trained<Glow> m(a, {4, 4, 1}, 3);
  const Tensor<Index> labels = m.model.labels(std::vector<Index>{2, 0, 1});
  const Telemetry t = m.tell({.labels = labels});
  CHECK(*layer_named(t, "classes").gradient_norm > 0);
  CHECK(contains(message_of<ShapeError>([&] { m.tell(); }), "a label for each of 3 samples"));
  CHECK(contains(message_of<ShapeError>([&] { measure_telemetry(m.trainer, m.x.samples(0, 1).as({16})); }),
                 "measure_telemetry: x: batch 16 is not"));
}

TEST_CASE("telemetry: what is not finite is told as it is, and whence it comes") {
  Trained<Glow> m(told_of, {4, 4, 1});
  m.model.parameters().entry("level1/step2/actnorm/bias").value[0] = std::nan("");
  m.model.changed();
  const Telemetry t = m.tell();
  CHECK(std::isnan(t.bits_per_dim));
  CHECK(std::isfinite(*layer_named(t, "level1/step1/coupling").largest));
  CHECK(std::isnan(*layer_named(t, "level1/step2/actnorm+conv1x1").largest));
  CHECK(std::isinf(*layer_named(t, "level1/step2/actnorm+conv1x1").inverse_error));
  CHECK(std::isinf(t.round_trip_error));
}
