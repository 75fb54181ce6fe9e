// Split: x [N, H, W, C] = [z | x']; z leaves the flow under a Gaussian whose [mu | log sigma] is a 3x3
// convolution of x', from zeros; log p(z) = log N(z; mu, sigma). Source: L. Dinh, J. Sohl-Dickstein, S.
// Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.6; the learned prior is that of Kingma and
// Dhariwal's Glow (2018).
#pragma once

#include <glow/flow/params.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/conv3x3.hpp>
#include <glow/ops/cpu/gaussian.hpp>

namespace glow {

/// Factors out the first half of the channels (rounded down) as a latent with a learned prior. Not a layer of
/// a Flow: it has two outputs, which lie one after the other, z then x', where its input lay.
struct Split {
  static constexpr std::string_view name = "split";

  template <class Leaf>
  struct Params {
    Leaf kernel;            ///< [3, 3, C - C/2, 2 (C/2)]
    Leaf bias;              ///< [2 (C/2)]
    Leaf packed, packed_t;  ///< the kernel as operands of products, derived

    template <class F>
    void visit(F&& f) {
      f("prior/kernel", kernel);
      f("prior/bias", bias);
      f("packed", packed, Role::derived);
      f("packed_t", packed_t, Role::derived);
    }
  };

  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() == 4 && x[3] >= 2, "Split: input ", x,
                        " must be [N, H, W, C] with at least 2 channels");
    const Index c = rest(x)[3], out = 2 * latent(x)[3];
    return {
        {3, 3, c, out}, {out}, ops::packed_shape(ops::taps * c, out), ops::packed_shape(ops::taps * out, c)};
  }

  /// Shape of z for an input of shape x.
  Shape latent(const Shape& x) const { return {x[0], x[1], x[2], x[3] / 2}; }
  /// Shape of x', what goes on.
  Shape rest(const Shape& x) const { return {x[0], x[1], x[2], x[3] - x[3] / 2}; }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    conv3x3_pack(p.kernel, p.packed, p.packed_t);
  }

  /// z of the memory of x, as the layer leaves it.
  template <class T, class D>
  View<T, D> latent(View<T, D> x) const {
    return {x.data(), latent(x.shape())};
  }
  /// x' of the memory of x, as the layer leaves it.
  template <class T, class D>
  View<T, D> rest(View<T, D> x) const {
    return {x.data() + latent(x.shape()).size(), rest(x.shape())};
  }

  /// prior [N, H, W, 2 (C/2)] = [mu | log sigma] of z given x'.
  template <class T, class D>
  void prior(const Params<View<T, D>>& p, View<T, D> rest, View<T, D> prior) const {
    conv3x3_forward(p.packed, p.bias, rest, prior);
  }

  /// x -> [z, x'] in place; logpz[n] += log p(z) unless empty; then observer(z, prior).
  template <class T, class D, class Observer>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logpz, Observer observer) const {
    separate(x);
    const Scratch<T, D> prior_of_z(prior_shape(x.shape()));
    prior(p, rest(x), prior_of_z.view());
    gaussian_log_density(latent(x), prior_of_z.view(), logpz);
    observer(latent(x), prior_of_z.view());
  }

  /// [z, x'] -> x in place; z given.
  template <class T, class D>
  void inverse(View<T, D> x) const {
    const Scratch<T, D> old(x.shape());
    copy(x, old.view());
    join_channels(latent(old.view()), rest(old.view()), x);
  }

  /// [eps, x'] -> [z, x'] in place, z = mu + sigma temperature eps.
  template <class T, class D>
  void sample(const Params<View<T, D>>& p, View<T, D> x, std::type_identity_t<T> temperature) const {
    const Scratch<T, D> prior_of_z(prior_shape(x.shape()));
    prior(p, rest(x), prior_of_z.view());
    gaussian_sample(prior_of_z.view(), temperature, latent(x));
  }

  /// [z, x'] -> x and [dz, dx'] -> dx in place, with the pull-back of dlogpz [N]; grad += ...
  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> x, View<T, D> dx,
                View<T, D> dlogpz) const {
    if (!dlogpz.empty()) {
      const Scratch<T, D> prior_of_z(prior_shape(x.shape())), d_prior(prior_shape(x.shape()));
      prior(p, rest(x), prior_of_z.view());
      gaussian_backward(latent(x), prior_of_z.view(), dlogpz, latent(dx), d_prior.view());
      conv3x3_backward(p.packed_t, grad.kernel, grad.bias, rest(x), d_prior.view(), rest(dx));
    }
    inverse(x);
    inverse(dx);
  }

 private:
  Shape prior_shape(const Shape& x) const { return {x[0], x[1], x[2], 2 * (x[3] / 2)}; }

  // x -> [z, x'], each contiguous.
  template <class T, class D>
  void separate(View<T, D> x) const {
    const Scratch<T, D> old(x.shape());
    copy(x, old.view());
    split_channels(old.view(), latent(x), rest(x));
  }
};

}  // namespace glow
