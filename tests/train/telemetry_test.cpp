// What is told of each layer of a model, against numbers of the model itself.
#include <map>

#include "train/trained_model.hpp"

using namespace glow;
using namespace glow::test;

namespace {

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
