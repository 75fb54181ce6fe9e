// Where in a model a number that is not finite comes out first.
#pragma once

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string>

#include <glow/layers/probe.hpp>

namespace glow {

/// A probe that keeps the name of the first layer of which a number came out that is not finite: of the first
/// to be told of, where images pass in groups on several threads.
template <class T, class D = Cpu>
class FirstNotFinite : public Probe<T, D> {
 public:
  /// "level1/step2/coupling"; "the input of level2" where numbers came in so, those that a prior made; "" if
  /// all are finite.
  const std::string& place() const { return place_; }

  void before(const LayerPlace& place, Verb, View<T, D> x) override { look(x, "the input of ", place); }
  void after(const LayerPlace& place, Verb, View<T, D> x) override { look(x, "", place); }

 private:
  void look(View<const T, D> x, const char* what, const LayerPlace& place) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!place_.empty()) return;
    Tensor<T> on_host(x.shape());
    transfer(x, on_host.view());
    const auto finite = [](T v) { return std::isfinite(v); };
    if (!std::all_of(on_host.begin(), on_host.end(), finite)) place_ = what + place.path();
  }

  std::mutex mutex_;
  std::string place_;
};

}  // namespace glow
