// Split: x [N, H, W, C] = [z | x']; z leaves the flow under a Gaussian whose [mu | log sigma] is a 3x3
// convolution of x', from zeros; log p(z) = log N(z; mu, sigma). Source: L. Dinh, J. Sohl-Dickstein, S.
// Bengio, Density Estimation Using Real NVP, ICLR 2017, section 3.6; the learned prior is that of Kingma and
// Dhariwal's Glow (2018).
#pragma once

#include <glow/layers/context.hpp>
#include <glow/layers/convolution.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/conv3x3.hpp>
#include <glow/ops/cpu/gaussian.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Factors out the first half of the channels (rounded down) as a latent z with a learned prior. Not a layer
/// of a Flow: it has two outputs, each in memory of its own. The rest x' may have the shape that Squeeze
/// makes of it, and then is passed on, or taken back, squeezed. With a context (see Architecture::context)
/// the convolution reads [x' | context], and with Architecture::prior_edges [x' | context | 1].
class Split {
 public:
  static constexpr std::string_view name = "split";

  template <class Leaf>
  struct Params {
    Convolution<Leaf> prior;  ///< kernel [3, 3, C - C/2 + context's + edges, 2 (C/2)], bias [2 (C/2)]

    template <class F>
    void visit(F&& f) {
      prior.visit(with_prefix("prior", f));
    }
  };

  /// `edges`: the convolution also reads a channel that is 1 within the image and 0 around it.
  explicit Split(Shape context = {}, bool edges = false) : context_(context), edges_(edges) {}

  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(x.rank() == 4 && x[3] >= 2, "Split: input ", x,
                        " must be [N, H, W, C] with at least 2 channels");
    const Index c = rest(x)[3] + context_channels(context_, x) + edges_, out = 2 * latent(x)[3];
    return {declare_conv3x3(c, out)};
  }

  /// Shape of z for an input of shape x.
  Shape latent(const Shape& x) const { return {x[0], x[1], x[2], x[3] / 2}; }
  /// Shape of x', what goes on.
  Shape rest(const Shape& x) const { return {x[0], x[1], x[2], x[3] - x[3] / 2}; }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    conv3x3_pack(p.prior.kernel, p.prior.packed, p.prior.packed_t);
  }

  /// prior [N, H, W, 2 (C/2)] = [mu | log sigma] of z given x' in x = [z | x'].
  template <class T, class D>
  void prior(const Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass, View<T, D> prior) const {
    const JoinedContext<T, D> joined = read<T, D>(x, pass);
    conv3x3_forward(p.prior.packed, p.prior.bias, inputs_of(joined.values(), x), prior);
  }

  /// x -> z, x'; logpz[n] += log p(z) unless empty; then observer(z, prior).
  template <class T, class D, class Observer>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> z, View<T, D> rest, PassOf<T, D> pass,
               View<T, D> logpz, Observer observer) const {
    split_channels(x, z, rest);
    const Scratch<T, D> prior_of_z(prior_shape(x.shape()));
    prior(p, x, pass, prior_of_z.view());
    gaussian_log_density(z, prior_of_z.view(), logpz);
    observer(z, prior_of_z.view());
  }

  /// z, x' -> x.
  template <class T, class D>
  void inverse(View<T, D> z, View<T, D> rest, View<T, D> x) const {
    join_channels(z, rest, x);
  }

  /// eps, x' -> x, with z = mu + sigma temperature eps.
  template <class T, class D>
  void sample(const Params<View<T, D>>& p, View<T, D> eps, View<T, D> rest, View<T, D> x, PassOf<T, D> pass,
              std::type_identity_t<T> temperature) const {
    join_channels(eps, rest, x);
    const Scratch<T, D> prior_of_z(prior_shape(x.shape()));
    prior(p, x, pass, prior_of_z.view());
    gaussian_sample(prior_of_z.view(), temperature, x);
  }

  /// z, x' -> x and dz, dx' -> dx, with the pull-back of dlogpz [N], empty for zero; grad += ..., and dz is
  /// changed on the way.
  template <class T, class D>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> z, View<T, D> rest,
                View<T, D> dz, View<T, D> drest, View<T, D> x, View<T, D> dx, PassOf<T, D> pass,
                View<T, D> dlogpz) const {
    inverse(z, rest, x);
    if (dlogpz.empty()) return inverse(dz, drest, dx);
    const JoinedContext<T, D> joined = read<T, D>(x, pass, true);
    const ops::ChannelRange<const T, D> inputs = inputs_of(joined.values(), x);
    const Scratch<T, D> prior_of_z(prior_shape(x.shape())), d_prior(prior_shape(x.shape()));
    conv3x3_forward(p.prior.packed, p.prior.bias, inputs, prior_of_z.view());
    gaussian_backward(z, prior_of_z.view(), dlogpz, dz, d_prior.view());
    inverse(dz, drest, dx);
    conv3x3_backward(p.prior.packed_t, grad.prior.kernel, grad.prior.bias, inputs, d_prior.view(),
                     inputs_of(joined.gradient(), dx));
    joined.pull_back(rest_of(dx), pass);
  }

 private:
  Shape prior_shape(const Shape& x) const { return {x[0], x[1], x[2], 2 * (x[3] / 2)}; }

  // x' of x = [z | x'].
  template <class T, class D>
  ops::ChannelRange<T, D> rest_of(View<T, D> x) const {
    const Index c = latent(x.shape())[3];
    return {x, c, x.channels() - c};
  }

  template <class T, class D>
  JoinedContext<T, D> read(View<T, D> x, const Pass<T, D>& pass, bool backward = false) const {
    return {"Split", context_, rest_of(x), rest(x.shape())[3], x.shape(), pass, backward, edges_};
  }

  // What the convolution reads of x, or the gradient of that: with a context or edges, `joined`.
  template <class T, class D>
  ops::ChannelRange<T, D> inputs_of(View<T, D> joined, View<T, D> x) const {
    if (joined.empty()) return rest_of(x);
    return joined;
  }

  Shape context_;
  bool edges_;
};

}  // namespace glow
