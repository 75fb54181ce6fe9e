// Where the numbers of a step ceased to be finite.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <glow/train/trainer.hpp>

namespace glow {

/// A layer by its name among the parameters, and what it did when its numbers ceased to be finite.
struct NonFinite {
  std::string place;  ///< "level1/step2/coupling"; a parameter's name for `of_gradient`
  Verb verb;
  bool of_gradient;  ///< all that passed was finite, but the gradient of this parameter is not

  /// "first in level1/step2/coupling, forward"
  std::string text() const {
    if (of_gradient) return join("first in the gradient of ", place);
    return join("first in ", place, verb == Verb::backward ? ", backward" : ", forward");
  }
};

namespace detail {

template <class T, class D>
bool all_finite(View<const T, D> x) {
  Tensor<T> here(x.shape());
  transfer(x, here.view());
  return std::all_of(here.view().begin(), here.view().end(), [](T v) { return std::isfinite(v); });
}

// Notes which layers make numbers that are not finite. Groups of images pass the layers in the same order, so
// the order in which layers are met first is that order, on any number of threads.
template <class T, class D>
class FiniteProbe : public Probe<T, D> {
 public:
  void before(const LayerPlace&, Verb, View<T, D>) override {}
  void after(const LayerPlace& place, Verb verb, View<T, D> x) override {
    const bool finite = all_finite(View<const T, D>(x));
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto key = std::pair(verb, place.path());
    const auto [at, is_new] = seen_.emplace(key, order_.size());
    if (is_new) order_.push_back({key.second, key.first, true});
    order_[at->second].finite = order_[at->second].finite && finite;
  }

  std::optional<NonFinite> first() const {
    for (const Seen& s : order_) {
      if (!s.finite) return NonFinite{s.place, s.verb, false};
    }
    return std::nullopt;
  }

 private:
  struct Seen {
    std::string place;
    Verb verb;
    bool finite;
  };
  std::mutex mutex_;
  std::map<std::pair<Verb, std::string>, std::size_t> seen_;
  std::vector<Seen> order_;
};

}  // namespace detail

/// Computes the loss and gradient of a step on pixels [N, H, W, C] once more, which was not taken because
/// they were not finite, and finds where that began; none if all is finite now. `step`: its number, which
/// says its noise. Another probe that listens to the model listens no more. No step may be under way.
template <class Net, class T, class D, class Optimizer>
std::optional<NonFinite> first_non_finite(Trainer<Net, T, D, Optimizer>& trainer,
                                          std::span<const std::uint8_t> pixels, std::span<const Index> labels,
                                          Index step) {
  auto& model = trainer.model();
  const Shape shape = model.batch_shape(static_cast<Index>(pixels.size()) / model.dimensions());
  Tensor<T, D> x(shape);
  dequantize(View<const std::uint8_t, Cpu>(pixels.data(), shape), model.domain().bits(),
             trainer.rule().noise(step), x.view());
  const Tensor<Index, D> of_images = labels.empty() ? Tensor<Index, D>() : model.labels(labels);
  detail::FiniteProbe<T, D> probe;
  model.listen(&probe);
  trainer.loss_gradient(
      x.view(), {.labels = labels.empty() ? View<const Index, D>() : View<const Index, D>(of_images)});
  model.listen(nullptr);
  if (const auto found = probe.first()) return found;
  for (const auto& e : model.parameters().entries()) {
    if (!e.gradient.empty() && !detail::all_finite(View<const T, D>(e.gradient)))
      return NonFinite{e.name, Verb::backward, true};
  }
  return std::nullopt;
}

}  // namespace glow
