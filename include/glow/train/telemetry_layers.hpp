// The layers of a model while their figures are gathered.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <glow/core/timeline.hpp>
#include <glow/flow/inverse_errors.hpp>
#include <glow/flow/visit_layers.hpp>
#include <glow/layers/actnorm.hpp>
#include <glow/layers/conv1x1.hpp>
#include <glow/ops/changed_channels.hpp>
#include <glow/ops/cpu/condition_number.hpp>
#include <glow/train/telemetry.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// x on the host.
template <class T, class D>
Tensor<std::remove_const_t<T>> copied_to_host(View<T, D> x) {
  Tensor<std::remove_const_t<T>> out(x.shape());
  transfer(View<const T, D>(x), out.view());
  return out;
}

// The larger of two numbers, or the one that is none.
inline double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

// Smallest and largest of some numbers; NaN where one is none.
struct Bounds {
  double least, largest;

  explicit Bounds(double v) : least(v), largest(v) {}
  void take(double v) {
    least = -larger(-least, -v);
    largest = larger(largest, v);
  }
};

class TelemetryLayers {
 public:
  // Adds to `all`; the net must live as long.
  template <class Net>
  TelemetryLayers(const Net& net, std::vector<LayerTelemetry>& all) : all_(all) {
    visit_layers(net, "", [this]<class L>(const std::string& name, const L& layer) {
      if constexpr (std::is_same_v<L, ActNorm>) log_scales_.insert(name + "/log_scale");
      if constexpr (std::is_same_v<L, Conv1x1>) matrices_.insert(name + "/weight");
      if constexpr (requires { layer.changed_channels(Index{}); })
        changed_[name] = [&layer](Index channels) { return layer.changed_channels(channels); };
    });
  }

  // The layer of this name, which is new if there was none.
  LayerTelemetry& of(const std::string& name) {
    const auto [at, is_new] = numbers_.emplace(name, all_.size());
    if (is_new) all_.push_back({.name = name});
    return all_[at->second];
  }

  // The channels of which the layer changes each number by itself; none where it does not tell.
  ops::ChangedChannels changed(const std::string& name, Index channels) const {
    const auto found = changed_.find(name);
    return found == changed_.end() ? ops::ChangedChannels{0, 0} : found->second(channels);
  }

  void add_times(const Timeline& times) {
    for (const Timeline::Event& e : times.events()) {
      LayerTelemetry& layer = of(e.name);
      auto& seconds = e.category == "forward" ? layer.forward_seconds : layer.backward_seconds;
      seconds = seconds.value_or(0) + std::chrono::duration<double>(e.end - e.begin).count();
    }
  }

  void add_inverse_error(const InverseError& e) { of(e.layer).inverse_error = e.error; }

  // To the layer and the containers that it is in.
  void add_scales(const std::string& layer, const Bounds& scales) {
    for_owners(layer + "/", [&](LayerTelemetry& l) { widen(l, scales); });
  }

  // What there is to tell of parameters and their gradients; returns the norm of all gradients.
  template <class Entry>
  double add_parameters(const std::vector<Entry>& entries) {
    double all = 0;
    for (const Entry& e : entries) {
      if (!e.gradient.empty()) {
        const double norm = norm_of(e.gradient);
        all = std::hypot(all, norm);
        if (const std::string group = group_of(e.name); !group.empty()) of(group);
        for_owners(e.name, [&](LayerTelemetry& l) { add_norm(l, norm); });
      }
      if (log_scales_.count(e.name) == 1) {
        const auto log_s = copied_to_host(e.value);
        Bounds scales(std::exp(static_cast<double>(log_s[0])));
        for (const auto s : log_s) scales.take(std::exp(static_cast<double>(s)));
        for_owners(e.name, [&](LayerTelemetry& l) { widen(l, scales); });
      }
      if (matrices_.count(e.name) == 1) {
        const auto w = copied_to_host(e.value);
        const double condition = ops::condition_number(w.view());
        for_owners(e.name, [&](LayerTelemetry& l) {
          l.condition = l.condition ? larger(*l.condition, condition) : condition;
        });
      }
    }
    return all;
  }

 private:
  static void add_norm(LayerTelemetry& layer, double norm) {
    layer.gradient_norm = std::hypot(layer.gradient_norm.value_or(0), norm);
  }
  static void widen(LayerTelemetry& layer, const Bounds& scales) {
    Bounds both = scales;
    if (layer.least_scale) both.take(*layer.least_scale), both.take(*layer.largest_scale);
    layer.least_scale = both.least;
    layer.largest_scale = both.largest;
  }

  template <class T, class D>
  static double norm_of(View<T, D> x) {
    const Scratch<double, D> result(Shape{1});
    norm(View<const T, D>(x), result.view());
    return copied_to_host(result.view())[0];
  }

  // Whether a parameter is one of a layer, "level1/step2/actnorm+conv1x1" being two.
  static bool owns(const LayerTelemetry& layer, std::string_view parameter) {
    const std::string_view name = layer.name;
    const auto slash = name.rfind('/');
    const auto folder = slash == std::string_view::npos ? 0 : slash + 1;
    if (!parameter.starts_with(name.substr(0, folder))) return false;
    parameter.remove_prefix(folder);
    for (std::size_t at = folder; at <= name.size();) {
      const auto end = std::min(name.find('+', at), name.size());
      const std::string_view one = name.substr(at, end - at);
      if (parameter.starts_with(one) && parameter.substr(one.size()).starts_with('/')) return true;
      at = end + 1;
    }
    return false;
  }

  // Calls fn for the layer of a parameter and the containers that it is in.
  template <class F>
  void for_owners(std::string_view parameter, F fn) {
    for (LayerTelemetry& layer : all_)
      if (owns(layer, parameter)) fn(layer);
  }

  // For a parameter of no layer that was told of: the innermost container that it is in, with the next part
  // of its name. "" where there is such a layer, or that part is the parameter itself.
  std::string group_of(const std::string& parameter) const {
    std::size_t inner = 0;
    for (const LayerTelemetry& layer : all_) {
      if (!owns(layer, parameter)) continue;
      if (!layer.container) return "";
      inner = std::max(inner, layer.name.size() + 1);
    }
    const auto slash = parameter.find('/', inner);
    return slash == std::string::npos ? "" : parameter.substr(0, slash);
  }

  std::vector<LayerTelemetry>& all_;
  std::map<std::string, std::size_t> numbers_;
  std::set<std::string> log_scales_, matrices_;  // names of such parameters
  std::map<std::string, std::function<ops::ChangedChannels(Index)>> changed_;
};

}  // namespace glow::detail
