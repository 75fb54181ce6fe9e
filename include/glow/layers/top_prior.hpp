// Prior of the last latent: N(0, I), or with a learned [mu | log sigma], a 3x3 convolution of an all-zero
// image, that is, its bias at every pixel. Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with
// Invertible 1x1 Convolutions, NeurIPS 2018 (published code).
#pragma once

#include <glow/layers/params.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/gaussian.hpp>

namespace glow {

/// Learned prior of the last latent. The kernel, which zeros never reach, is kept so that parameters and
/// their count are those of the published model.
struct TopPrior {
  template <class Leaf>
  struct Params {
    Leaf kernel;  ///< [3, 3, C, 2C]
    Leaf bias;    ///< [2C]

    template <class F>
    void visit(F&& f) {
      f("prior/kernel", kernel);
      f("prior/bias", bias);
    }
  };

  Params<Shape> declare(const Shape& z) const { return {{3, 3, z[3], 2 * z[3]}, {2 * z[3]}}; }

  /// prior [N, H, W, 2C] = the bias at every pixel.
  template <class T, class D>
  void prior(const Params<View<T, D>>& p, View<T, D> prior) const {
    repeat_row(p.bias, prior);
  }

  /// logpz[n] += log p(z) unless empty; then observer(z, prior).
  template <class T, class D, class Observer>
  void log_density(const Params<View<T, D>>& p, View<T, D> z, View<T, D> logpz, Observer observer) const {
    const Scratch<T, D> prior_of_z(prior_shape(z.shape()));
    prior(p, prior_of_z.view());
    gaussian_log_density(z, prior_of_z.view(), logpz);
    observer(z, prior_of_z.view());
  }

  /// eps -> z = mu + sigma temperature eps in place.
  template <class T, class D>
  void sample(const Params<View<T, D>>& p, View<T, D> z, std::type_identity_t<T> temperature) const {
    const Scratch<T, D> prior_of_z(prior_shape(z.shape()));
    prior(p, prior_of_z.view());
    gaussian_sample(prior_of_z.view(), temperature, z);
  }

  /// dz and grad += the pull-back of dlogpz [N].
  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> z, View<T, D> dz,
                View<T, D> dlogpz) const {
    const Scratch<T, D> prior_of_z(prior_shape(z.shape())), d_prior(prior_shape(z.shape()));
    prior(p, prior_of_z.view());
    gaussian_backward(z, prior_of_z.view(), dlogpz, dz, d_prior.view());
    sum_of_rows(d_prior.view(), grad.bias);
  }

 private:
  Shape prior_shape(const Shape& z) const { return {z[0], z[1], z[2], 2 * z[3]}; }
};

}  // namespace glow
