// The densities of a model's samples by both ways to them.
#pragma once

#include <numbers>

#include <glow/runtime/any_model.hpp>

#include "host_and_device.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::runtime {

inline double largest_of(View<const float> x) {
  double largest = 0;
  for (const float v : x) largest = std::abs(v) <= largest ? largest : std::abs(static_cast<double>(v));
  return largest;
}

// Sum of squares of packed eps over all levels of sample i.
template <class Net>
double squares_of(const Net& net, View<const float> eps, Index i) {
  double sum = 0;
  for (int l = 1; l <= net.levels(); ++l) {
    for (const float e : net.latent(l, eps).samples(i, 1)) sum += static_cast<double>(e) * e;
  }
  return sum;
}

// Adds the log sigma of a prior [N, ..., 2C] = [mu | log sigma] to sums [N].
inline void add_deviations(const Tensor<float>& prior, std::vector<double>& sums) {
  const Index channels = prior.channels(), numbers = prior.size() / prior.batch();
  for (Index i = 0; i < prior.size(); ++i) {
    if (i % channels >= channels / 2)
      sums[static_cast<std::size_t>(i / numbers)] += static_cast<double>(prior[i]);
  }
}

/// See AnyModel::densities.
template <class Net, class D>
SampleDensities sample_densities(const Model<Net, float, D>& model, View<const float> eps, float temperature,
                                 const Context<float, D>& context) {
  const Index n = eps.batch();
  Tensor<float, D> x = to_device<D>(eps), logdet(Shape{n}), logpz(Shape{n}), back(Shape{n});
  model.sample_from(x.view(), temperature, context);
  SampleDensities all;
  const Tensor<float> samples = on_host<D>(x.view());
  for (Index i = 0; i < n; ++i) all.largest.push_back(largest_of(samples.samples(i, 1)));
  std::vector<double> log_sigma(static_cast<std::size_t>(n));
  const auto add_log_sigma = [&](int, View<float, D>, View<float, D> prior) {
    if (!prior.empty()) add_deviations(on_host<D>(prior), log_sigma);
  };
  model.forward(x.view(), logdet.view(), logpz.view(), add_log_sigma, context);
  model.inverse(x.view(), back.view(), context);  // -= log|det dz/dx|
  const Tensor<float> forth = on_host<D>(logdet.view()), log_p = on_host<D>(logpz.view());
  const Tensor<float> inverse = on_host<D>(back.view());
  for (Index i = 0; i < n; ++i) {
    const double t = temperature, squares = t * t * squares_of(model.net(), eps, i);
    const double constant = static_cast<double>(eps.size() / n) * std::log(2 * std::numbers::pi);
    const double log_p_z = -(squares + constant) / 2 - log_sigma[static_cast<std::size_t>(i)];
    all.encoded.push_back(static_cast<double>(forth[i]) + static_cast<double>(log_p[i]));
    all.drawn.push_back(log_p_z - static_cast<double>(inverse[i]));
  }
  return all;
}

}  // namespace glow::runtime
