// Standardization: y = (x - mean) / deviation, a channel at a time, by constants; log|det dy/dx| = -H W
// sum(log deviation).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <glow/layers/actnorm.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// ActNorm's map with constants for parameters, which a first batch or the caller sets. A model of continuous
/// data begins with it (flow/domain.hpp). Takes images [N, H, W, C] and vectors [N, D].
struct Standardization {
  static constexpr std::string_view name = "standardization";
  static constexpr bool only_calls_ops = true;

  template <class Leaf>
  struct Params {
    Leaf bias;       ///< -mean [C], constant
    Leaf log_scale;  ///< -log deviation [C], constant

    template <class F>
    void visit(F&& f) {
      f("bias", bias, Role::constant);
      f("log_scale", log_scale, Role::constant);
    }
  };

  /// Throws ShapeError for an input that is no batch.
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() >= 2, "Standardization: input ", x, " must be [N, H, W, C] or [N, D]");
    return {{x.back()}, {x.back()}};
  }

  /// Sets mean and deviation of every channel, which are taken in double. Channels that are constant but for
  /// rounding take 1 for their deviation; warns of them.
  template <class T, class D>
  void start(Params<View<T, D>>& p, View<T, D> x) const {
    if constexpr (!is_counted<D>) {
      const Index c = x.channels(), rows = x.rows();
      const Tensor<T> here = on_host(x);
      std::vector<double> mean(static_cast<std::size_t>(c)), deviation(mean.size());
      std::string constant;
      for (Index i = 0; i < c; ++i) {
        const auto at = static_cast<std::size_t>(i);
        double sum = 0, squares = 0, largest = 0;
        for (Index r = 0; r < rows; ++r) sum += static_cast<double>(here[r * c + i]);
        mean[at] = sum / static_cast<double>(rows);
        for (Index r = 0; r < rows; ++r) {
          const auto v = static_cast<double>(here[r * c + i]);
          squares += (v - mean[at]) * (v - mean[at]);
          largest = std::max(largest, std::abs(v));
        }
        deviation[at] = std::sqrt(squares / static_cast<double>(rows));
        if (deviation[at] > 4 * static_cast<double>(std::numeric_limits<T>::epsilon()) * largest) continue;
        deviation[at] = 1;
        constant += (constant.empty() ? "" : ", ") + std::to_string(i);
      }
      if (!constant.empty()) {
        warn("Standardization: of ", c,
             " channels, counted from 0, these are constant over the first batch: ", constant,
             "; a density of them has no bound");
      }
      set(p, mean, deviation);
    }
  }

  /// Sets mean and deviation, of every channel in turn; where there are fewer, as before an image is
  /// squeezed, they are repeated.
  template <class T, class D>
  void set(Params<View<T, D>>& p, const std::vector<double>& mean,
           const std::vector<double>& deviation) const {
    if constexpr (!is_counted<D>) {
      Tensor<T> bias(p.bias.shape()), log_scale(bias.shape());
      for (Index i = 0; i < bias.size(); ++i) {
        const std::size_t at = static_cast<std::size_t>(i) % mean.size();
        bias[i] = static_cast<T>(-mean[at]);
        log_scale[i] = static_cast<T>(-std::log(deviation[at]));
      }
      transfer(View<const T>(bias), p.bias);
      transfer(View<const T>(log_scale), p.log_scale);
    }
  }

  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet) const {
    ActNorm().forward(ActNorm::Params<View<T, D>>{p.bias, p.log_scale}, x, logdet);
  }

  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> y, View<T, D> logdet) const {
    ActNorm().inverse(ActNorm::Params<View<T, D>>{p.bias, p.log_scale}, y, logdet);
  }

  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>&, View<T, D> y, View<T, D> dy,
                View<T, D>) const {
    actnorm_inverse(p.bias, p.log_scale, y);
    const Scratch<T, D> no_bias(p.bias.shape());
    clear(no_bias.view());
    actnorm_forward(no_bias.view(), p.log_scale, dy);
  }

 private:
  template <class T, class D>
  static Tensor<T> on_host(View<T, D> x) {
    Tensor<T> here(x.shape());
    transfer(View<const T, D>(x), here.view());
    return here;
  }
};

}  // namespace glow
