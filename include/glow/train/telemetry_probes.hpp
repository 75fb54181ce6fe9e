// Probes that gather the figures of layers.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <glow/train/telemetry_layers.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// The mean of numbers, in double.
template <class T, class D>
double mean_of(View<const T, D> x) {
  double sum = 0;
  for (const T v : copied_to_host(x)) sum += static_cast<double>(v);
  return sum / static_cast<double>(x.size());
}

// On the way forward of one group of images: the largest number that comes out of each layer, and what it
// adds to the mean log-determinant, in bits per dimension.
template <class T, class D>
class ValuesProbe : public Probe<T, D> {
 public:
  // `logdet` [N] is the memory that the layers add to.
  ValuesProbe(TelemetryLayers& layers, View<const T, D> logdet, double bits_per_nat)
      : layers_(layers), logdet_(logdet), bits_per_nat_(bits_per_nat) {}

  void before(const LayerPlace& place, Verb, View<T, D>) override {
    layers_.of(place.path());
    if (place.around != nullptr) layers_.of(place.around->path()).container = true;
    before_.push_back(mean_of(logdet_));
  }
  void after(const LayerPlace& place, Verb, View<T, D> y) override {
    double largest = 0;
    for (const T v : copied_to_host(y)) largest = larger(largest, std::abs(static_cast<double>(v)));
    LayerTelemetry& layer = layers_.of(place.path());
    layer.largest = largest;
    layer.logdet_bits_per_dim = bits_per_nat_ * (mean_of(logdet_) - before_.back());
    before_.pop_back();
  }

 private:
  TelemetryLayers& layers_;
  View<const T, D> logdet_;
  double bits_per_nat_;
  std::vector<double> before_;  // of the layers around
};

// On the way back: the derivative of every number that a layer changes by itself. In place of its gradient
// the layer gets 1 for these numbers and 0 for the others, so that the derivative is what it makes of the 1.
// What becomes of the parameters' gradients then is of no use.
template <class T, class D>
class ScalesProbe : public Probe<T, D> {
 public:
  explicit ScalesProbe(TelemetryLayers& layers) : layers_(layers) {}

  void before(const LayerPlace& place, Verb, View<T, D> dy) override {
    const auto [first, count] = layers_.changed(place.path(), dy.channels());
    if (count == 0) return;
    Tensor<T> ones(dy.shape());
    for (Index row = 0; row < ones.rows(); ++row)
      std::fill_n(ones.begin() + row * ones.channels() + first, count, T(1));
    transfer(View<const T>(ones), dy);
  }
  void after(const LayerPlace& place, Verb, View<T, D> dx) override {
    const std::string name = place.path();
    const auto [first, count] = layers_.changed(name, dx.channels());
    if (count == 0) return;
    const Tensor<T> derivative = copied_to_host(dx);
    const auto scale = [&](Index i) { return std::abs(static_cast<double>(derivative[i])); };
    Bounds scales(scale(first));
    for (Index row = 0; row < derivative.rows(); ++row)
      for (Index c = first; c < first + count; ++c) scales.take(scale(row * derivative.channels() + c));
    const std::lock_guard<std::mutex> lock(mutex_);
    layers_.add_scales(name, scales);
  }

 private:
  TelemetryLayers& layers_;
  std::mutex mutex_;
};

}  // namespace glow::detail
