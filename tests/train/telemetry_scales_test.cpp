// The scales of layers and the condition of W, as they are told of a model.
#include <Eigen/Eigenvalues>

#include "layers/own_layers.hpp"
#include "train/trained_model.hpp"

using namespace glow;
using namespace glow::test;

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
                   Additive, ExpAffine, RationalQuadratic<8>, ShiftedAffine) {
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
