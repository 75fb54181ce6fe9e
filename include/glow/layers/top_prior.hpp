// Prior of the last latent: N(0, I), or with a learned [mu | log sigma], a 3x3 convolution of its context or,
// without one, of an all-zero image, that is, its bias at every pixel. Source: D. Kingma, P. Dhariwal, Glow:
// Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018 (published code).
#pragma once

#include <glow/layers/context.hpp>
#include <glow/layers/convolution.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/conv3x3.hpp>
#include <glow/ops/cpu/gaussian.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Learned prior of the last latent, [N, H, W, C] or [N, D]. Without a context the kernel, which zeros never
/// reach, is kept for images so that parameters and their count are those of the published model.
class TopPrior {
 public:
  template <class Leaf>
  struct Params {
    Convolution<Leaf>
        prior;  ///< kernel [3, 3, C, 2C], or of the context's and edge channels; of vectors [0]; bias [2C]

    template <class F>
    void visit(F&& f) {
      prior.visit(with_prefix("prior", f));
    }
  };

  /// `context`: see Architecture::context; `edges`: see Architecture::prior_edges.
  explicit TopPrior(Shape context = {}, bool edges = false) : context_(context), edges_(edges) {}

  Params<Shape> declare(const Shape& z) const {
    const Index c = context_channels(context_, z) + edges_, out = 2 * z.back();
    if (c == 0) return {{z.rank() == 4 ? Shape{3, 3, z.back(), out} : Shape{0}, {out}, {0}, {0}}};
    return {declare_conv3x3(c, out)};
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    if (context_.rank() != 0 || edges_) conv3x3_pack(p.prior.kernel, p.prior.packed, p.prior.packed_t);
  }

  /// logpz[n] += log p(z) unless empty; then observer(z, prior), where prior is [N, H, W, 2C].
  template <class T, class D, class Observer>
  void log_density(const Params<View<T, D>>& p, View<T, D> z, PassOf<T, D> pass, View<T, D> logpz,
                   Observer observer) const {
    const Scratch<T, D> prior_of_z(prior_shape(z.shape()));
    const JoinedContext<T, D> context = read<T, D>(z, pass);
    prior(p, context.values(), prior_of_z.view());
    gaussian_log_density(z, prior_of_z.view(), logpz);
    observer(z, prior_of_z.view());
  }

  /// eps -> z = mu + sigma temperature eps in place.
  template <class T, class D>
  void sample(const Params<View<T, D>>& p, View<T, D> z, PassOf<T, D> pass,
              std::type_identity_t<T> temperature) const {
    const Scratch<T, D> prior_of_z(prior_shape(z.shape()));
    const JoinedContext<T, D> context = read<T, D>(z, pass);
    prior(p, context.values(), prior_of_z.view());
    gaussian_sample(prior_of_z.view(), temperature, z);
  }

  /// dz, pass.d_context and grad += the pull-back of dlogpz [N].
  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> z, View<T, D> dz,
                PassOf<T, D> pass, View<T, D> dlogpz) const {
    const JoinedContext<T, D> context = read<T, D>(z, pass, true);
    const Scratch<T, D> prior_of_z(prior_shape(z.shape())), d_prior(prior_shape(z.shape()));
    prior(p, context.values(), prior_of_z.view());
    gaussian_backward(z, prior_of_z.view(), dlogpz, dz, d_prior.view());
    if (context.values().empty()) return sum_of_rows(d_prior.view(), grad.prior.bias);
    conv3x3_backward(p.prior.packed_t, grad.prior.kernel, grad.prior.bias, as_images(context.values()),
                     as_images(d_prior.view()), as_images(context.gradient()));
    context.pull_back(View<T, D>(), pass);
  }

 private:
  static Shape prior_shape(const Shape& z) { return z.with_back(2 * z.back()); }

  // Vectors [N, D] are images of one pixel.
  template <class T, class D>
  static View<T, D> as_images(View<T, D> x) {
    return x.shape().rank() == 2 ? x.as({x.batch(), 1, 1, x.channels()}) : x;
  }

  template <class T, class D>
  JoinedContext<T, D> read(View<T, D> z, const Pass<T, D>& pass, bool backward = false) const {
    return {"TopPrior", context_, View<T, D>(), 0, z.shape(), pass, backward, edges_};
  }

  template <class T, class D>
  static void prior(const Params<View<T, D>>& p, View<T, D> context, View<T, D> prior) {
    if (context.empty()) return repeat_row(p.prior.bias, prior);
    conv3x3_forward(p.prior.packed, p.prior.bias, as_images(context), as_images(prior));
  }

  Shape context_;
  bool edges_;
};

}  // namespace glow
