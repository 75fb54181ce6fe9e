// A model whose layers are told of, and what a test asks of them.
#pragma once

#include <algorithm>

#include <glow/train/measure_telemetry.hpp>

#include "support.hpp"

namespace glow::test {

inline const Architecture told_of{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true};

/// A model with its trainer, all parameters off their starting values.
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

/// The figures of a layer; the test ends if there are none.
inline const LayerTelemetry& layer_named(const Telemetry& t, const std::string& name) {
  const auto found =
      std::find_if(t.layers.begin(), t.layers.end(), [&](const LayerTelemetry& l) { return l.name == name; });
  INFO(name);
  REQUIRE(found != t.layers.end());
  return *found;
}

inline bool about(double a, double b, double relative = 1e-11) {
  return std::abs(a - b) <= relative * std::abs(b);
}

/// What enters a layer on the way forward, and the largest number that comes out.
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

/// Runs all samples as one group.
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

}  // namespace glow::test
