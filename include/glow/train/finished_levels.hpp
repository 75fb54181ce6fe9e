// FinishedLevels: tells when the gradient of a level of a net is complete, while those before it are still to
// be computed.
#pragma once

#include <charconv>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <glow/flow/model.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Numbers first ... last - 1 of a flat gradient.
struct GradientRange {
  Index first = 0, last = 0;
};

/// Where the parameters of level l = 1, 2, ... lie among all, its split's included, at l - 1.
template <class T, class D>
std::vector<GradientRange> level_ranges(const ParameterStore<T, D>& parameters) {
  std::vector<GradientRange> ranges;
  const T* const begin = parameters.values().data();
  for (const auto& e : parameters.entries()) {
    if (!is_trainable(e.role)) continue;
    if (e.name.starts_with(join("level", ranges.size() + 1, "/")))
      ranges.push_back({e.value.data() - begin, e.value.data() - begin});
    if (!ranges.empty() && e.name.starts_with(join("level", ranges.size(), "/")))
      ranges.back().last = e.value.data() - begin + e.value.size();
  }
  return ranges;
}

/// Listens to a backward pass in one group of images, calls finished(l) after each level, and hands on what
/// it hears to another probe, if there is one.
template <class T, class D>
class FinishedLevels : public Probe<T, D> {
 public:
  FinishedLevels(std::function<void(int level)> finished, Probe<T, D>* other)
      : finished_(std::move(finished)), other_(other) {}

  void before(const LayerPlace& place, Verb verb, View<T, D> x) override {
    if (other_ != nullptr) other_->before(place, verb, x);
  }
  void after(const LayerPlace& place, Verb verb, View<T, D> x) override {
    if (other_ != nullptr) other_->after(place, verb, x);
    constexpr std::string_view level = "level";
    if (verb != Verb::backward || place.around != nullptr || !place.name.starts_with(level)) return;
    int l = 0;
    std::from_chars(place.name.data() + level.size(), place.name.data() + place.name.size(), l);
    finished_(l);
  }

 private:
  std::function<void(int level)> finished_;
  Probe<T, D>* other_;
};

}  // namespace glow
