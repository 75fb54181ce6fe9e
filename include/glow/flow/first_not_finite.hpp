// Where in a model a number that is not finite comes out first.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include <glow/layers/probe.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// True if all numbers of x are finite.
template <class T, class D>
bool all_finite(View<const T, D> x) {
  Tensor<T> on_host(x.shape());
  transfer(x, on_host.view());
  return std::all_of(on_host.begin(), on_host.end(), [](T v) { return std::isfinite(v); });
}

/// A probe that finds the first layer of which a number comes out that is not finite. Groups of images pass
/// the layers in the same order, so the order in which these are met first is that of the layers, on any
/// number of threads.
template <class T, class D = Cpu>
class FirstNotFinite : public Probe<T, D> {
 public:
  /// "level1/step2/coupling"; "the input of level2" where numbers came in so, those that a prior made; "" if
  /// all are finite.
  std::string place() const {
    const Seen* const first = find();
    return first == nullptr ? "" : (first->input ? "the input of " : "") + first->place;
  }
  /// What the layer did; meaningless if all are finite.
  Verb verb() const {
    const Seen* const first = find();
    return first == nullptr ? Verb::forward : first->verb;
  }

  void before(const LayerPlace& place, Verb verb, View<T, D> x) override { look(place, verb, true, x); }
  void after(const LayerPlace& place, Verb verb, View<T, D> x) override { look(place, verb, false, x); }

 private:
  struct Seen {
    std::string place;
    Verb verb;
    bool input, finite;
  };

  void look(const LayerPlace& place, Verb verb, bool input, View<const T, D> x) {
    const bool finite = all_finite(x);
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [at, is_new] = numbers_.emplace(std::tuple(place.path(), verb, input), seen_.size());
    if (is_new) seen_.push_back({place.path(), verb, input, true});
    seen_[at->second].finite = seen_[at->second].finite && finite;
  }

  const Seen* find() const {
    const auto first = std::find_if(seen_.begin(), seen_.end(), [](const Seen& s) { return !s.finite; });
    return first == seen_.end() ? nullptr : &*first;
  }

  std::mutex mutex_;
  std::vector<Seen> seen_;
  std::map<std::tuple<std::string, Verb, bool>, std::size_t> numbers_;
};

}  // namespace glow
