// Model: a multi-scale flow with its parameters, for images of one size.
#pragma once

#include <glow/flow/groups.hpp>
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
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz) const {
    check_batch("forward", x.shape());
    forward_in(groups_for(D(), x.batch(), pixels()), x, logdet, logpz);
  }
  /// The same; `observer(level, z, prior)` sees each latent of the batch, levels from 1.
  template <class Observer>
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz, Observer observer) const {
    check_batch("forward", x.shape());
    net_.forward(parameters_.params(), x, logdet, logpz, observer);
  }
  /// The same for training: `kept` sets aside what `backward` can use.
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz, KeptGroups<D>& kept) const {
    check_batch("forward", x.shape());
    const ImageGroups groups = gradient_groups(x.batch());
    kept.prepare(groups.count(), activation_bytes<T>(net_, x.shape()));
    forward_in(groups, x, logdet, logpz, kept);
  }

  /// Packed latents -> x [N, H, W, C] in place; logdet [N] -= log|det dz/dx| unless empty.
  void inverse(View<T, D> z, View<T, D> logdet = {}) const {
    check_batch("inverse", z.shape());
    from_latents(z,
                 [&](Images i, View<T, D> part) { net_.inverse(parameters_.params(), part, i.of(logdet)); });
  }

  /// Packed draws of N(0, I) -> x [N, H, W, C] in place; every level's draw is scaled by `temperature`.
  void sample_from(View<T, D> eps, T temperature) const {
    check_batch("sample_from", eps.shape());
    from_latents(eps, [&](Images, View<T, D> part) { net_.sample(parameters_.params(), part, temperature); });
  }

  /// Packed latents z -> x and dz -> dx in place; parameter gradients += ... dlogdet [N] and dlogpz [N] are
  /// the cotangents of what `forward` adds; empty ones count as zero. `kept`: none, or that of the `forward`
  /// which made z.
  template <class... Keep>
  void backward(View<T, D> z, View<T, D> dz, View<T, D> dlogdet, View<T, D> dlogpz, Keep&... kept) {
    check_batch("backward", z.shape());
    check_batch("backward", dz.shape());
    const ImageGroups groups = gradient_groups(z.batch());
    if (groups.count() == 1) {
      net_.backward(parameters_.params(), parameters_.gradients(), z, dz, dlogdet, dlogpz, kept[0]...);
      return;
    }
    const Scratch<T, D> old_z(z.shape()), old_dz(dz.shape());
    copy(z, old_z.view());
    copy(dz, old_dz.view());
    auto& replicas = parameters_.replicas(static_cast<std::size_t>(groups.count() - 1));
    parallel_for(groups.count(), [&](Index g) {
      const Images i{groups.first(g), groups.images(g)};
      const View<T, D> part_z = i.of(z), part_dz = i.of(dz);
      copy_latents(old_z.view(), i, part_z, true);
      copy_latents(old_dz.view(), i, part_dz, true);
      const auto replica = static_cast<std::size_t>(g - 1);
      if (g > 0) clear(parameters_.replica(replica));
      net_.backward(parameters_.params(), g == 0 ? parameters_.gradients() : replicas[replica], part_z,
                    part_dz, i.of(dlogdet), i.of(dlogpz), kept[g]...);
    });
    for (Index g = 1; g < groups.count(); ++g) {
      add(parameters_.replica(static_cast<std::size_t>(g - 1)), parameters_.gradient());
    }
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

  // Images first ... first + count - 1 of a batch.
  struct Images {
    Index first, count;
    View<T, D> of(View<T, D> batch) const { return batch.empty() ? batch : batch.samples(first, count); }
  };

  Index pixels() const { return image_[0] * image_[1]; }
  ImageGroups gradient_groups(Index batch) const {
    return gradient_groups_for(D(), batch, pixels(), parameters_.values().size());
  }

  // Packed latents of a batch to those of some of its images, or back.
  void copy_latents(View<T, D> batch, Images i, View<T, D> part, bool to_part) const {
    for (int l = 1; l <= net_.levels(); ++l) {
      const View<T, D> whole = i.of(net_.latent(l, batch)), own = net_.latent(l, part);
      copy(View<const T, D>(to_part ? whole : own), to_part ? own : whole);
    }
  }

  template <class... Keep>
  void forward_in(const ImageGroups& groups, View<T, D> x, View<T, D> logdet, View<T, D> logpz,
                  Keep&... kept) const {
    const typename Net::NoObserver observer;
    if (groups.count() == 1) {
      net_.forward(parameters_.params(), x, logdet, logpz, observer, kept[0]...);
      return;
    }
    const Scratch<T, D> work(x.shape());
    copy(x, work.view());
    parallel_for(groups.count(), [&](Index g) {
      const Images i{groups.first(g), groups.images(g)};
      const View<T, D> part = i.of(work.view());
      net_.forward(parameters_.params(), part, i.of(logdet), i.of(logpz), observer, kept[g]...);
      copy_latents(x, i, part, false);
    });
  }

  // Calls fn(images, part) for groups of a batch of packed latents z, each packed anew to `part`, where its
  // images are to come.
  template <class F>
  void from_latents(View<T, D> z, F fn) const {
    const ImageGroups groups = groups_for(D(), z.batch(), pixels());
    if (groups.count() == 1) return fn(Images{0, z.batch()}, z);
    const Scratch<T, D> old(z.shape());
    copy(z, old.view());
    parallel_for(groups.count(), [&](Index g) {
      const Images i{groups.first(g), groups.images(g)};
      copy_latents(old.view(), i, i.of(z), true);
      fn(i, i.of(z));
    });
  }

  Net net_;
  Shape image_;
  Parameters<Net, T, D> parameters_;
};

}  // namespace glow
