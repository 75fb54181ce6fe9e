// Model: a multi-scale flow with its parameters, for images of one size.
#pragma once

#include <glow/flow/multiscale.hpp>
#include <glow/flow/parameters.hpp>
#include <glow/ops/cpu/pointwise.hpp>

namespace glow {

/// What a batch of images is to a model.
template <class T, class D = Cpu>
struct Encoding {
  Tensor<T, D> latents;  ///< packed, in the shape of the images: see Model::latent
  Tensor<T, D> logdet;   ///< [N] log|det dz/dx|
  Tensor<T, D> logpz;    ///< [N] log p(z); log p(x) = logpz + logdet
};

/// A net (MultiScale<Level>) for images [H, W, C] with parameters, gradients and numbers derived from them.
/// The in-place verbs allocate nothing after their first call; encode, decode and sample return new tensors.
template <class Net, class T = float, class D = Cpu>
class Model {
 public:
  using value_type = T;
  using device = D;

  /// Throws ShapeError if the net cannot take images of this shape [H, W, C].
  Model(Net net, const Shape& image, std::uint64_t seed = 0)
      : net_(std::move(net)), image_(check(image)), parameters_(net_, batch_shape(1)) {
    net_.initialize(parameters_.params(), Random{seed, 0}.fork(0));
    changed();
  }
  Model(const Architecture& a, const Shape& image, std::uint64_t seed = 0) : Model(Net(a), image, seed) {}

  const Net& net() const { return net_; }
  /// [H, W, C]
  const Shape& image() const { return image_; }
  /// Numbers in an image, H W C.
  Index dimensions() const { return image_.size(); }
  /// [n, H, W, C]
  Shape batch_shape(Index n) const { return {n, image_[0], image_[1], image_[2]}; }

  /// Parameters and gradients. After writing to parameters, call `changed`.
  Parameters<Net, T, D>& parameters() { return parameters_; }
  const Parameters<Net, T, D>& parameters() const { return parameters_; }
  /// Recomputes what derives from the parameters.
  void changed() { net_.prepare(parameters_.params()); }

  /// Data-dependent start from a first batch x [N, H, W, C], which is left as it is.
  void start(View<const T, D> x) {
    check_batch("start", x.shape());
    const Scratch<T, D> work(x.shape());
    copy(x, work.view());
    View<T, D> at = work.view();
    net_.start_through(parameters_.params(), at);
    changed();
  }

  /// x [N, H, W, C] -> packed latents in place; logdet [N] and logpz [N] += ..., each unless empty.
  /// `observer(level, z, prior)` sees each latent, levels from 1.
  template <class Observer = typename Net::NoObserver>
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz, Observer observer = {}) const {
    check_batch("forward", x.shape());
    net_.forward(parameters_.params(), x, logdet, logpz, observer);
  }

  /// Packed latents -> x [N, H, W, C] in place; logdet [N] -= log|det dz/dx| unless empty.
  void inverse(View<T, D> z, View<T, D> logdet = {}) const {
    check_batch("inverse", z.shape());
    net_.inverse(parameters_.params(), z, logdet);
  }

  /// Packed draws of N(0, I) -> x [N, H, W, C] in place; every level's draw is scaled by `temperature`.
  void sample_from(View<T, D> eps, T temperature) const {
    check_batch("sample_from", eps.shape());
    net_.sample(parameters_.params(), eps, temperature);
  }

  /// Packed latents z -> x and dz -> dx in place; parameter gradients += ... dlogdet [N] and dlogpz [N] are
  /// the cotangents of what `forward` adds; empty ones count as zero.
  void backward(View<T, D> z, View<T, D> dz, View<T, D> dlogdet, View<T, D> dlogpz) {
    check_batch("backward", z.shape());
    check_batch("backward", dz.shape());
    net_.backward(parameters_.params(), parameters_.gradients(), z, dz, dlogdet, dlogpz);
  }

  /// Latents and log-likelihood terms of x [N, H, W, C].
  Encoding<T, D> encode(View<const T, D> x) const {
    Encoding<T, D> e{Tensor<T, D>(x), Tensor<T, D>(Shape{x.shape()[0]}), Tensor<T, D>(Shape{x.shape()[0]})};
    forward(e.latents.view(), e.logdet.view(), e.logpz.view());
    return e;
  }

  /// Images [N, H, W, C] of packed latents.
  Tensor<T, D> decode(View<const T, D> latents) const {
    Tensor<T, D> x(latents);
    inverse(x.view());
    return x;
  }

  /// `n` images drawn at `temperature`.
  Tensor<T, D> sample(Index n, T temperature, Random random) const {
    Tensor<T, D> x(batch_shape(n));
    fill_normal(x.view(), random);
    sample_from(x.view(), temperature);
    return x;
  }

  /// log p(x) [N], in nats, of x [N, H, W, C].
  Tensor<T, D> log_prob(View<const T, D> x) const {
    Encoding<T, D> e = encode(x);
    add(e.logdet.view(), e.logpz.view());
    return std::move(e.logpz);
  }

  /// Latent l = 1 ... levels [N, h, w, c] of packed latents; a view.
  View<T, D> latent(int l, View<T, D> packed) const { return net_.latent(l, packed); }

 private:
  static const Shape& check(const Shape& image) {
    require<ShapeError>(image.rank() == 3, "Model: image ", image, " must be [H, W, C]");
    return image;
  }
  void check_batch(std::string_view verb, const Shape& x) const {
    require<ShapeError>(x.rank() == 4 && x == batch_shape(x[0]), "Model::", verb, ": batch ", x,
                        " is not [N, ", image_[0], ", ", image_[1], ", ", image_[2], "]");
  }

  Net net_;
  Shape image_;
  Parameters<Net, T, D> parameters_;
};

}  // namespace glow
