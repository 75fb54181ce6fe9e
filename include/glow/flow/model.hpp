// Model: a multi-scale flow with its parameters, for images or vectors of one size.
#pragma once

#include <cmath>
#include <optional>
#include <span>

#include <glow/flow/context.hpp>
#include <glow/flow/domain.hpp>
#include <glow/flow/encoding.hpp>
#include <glow/flow/groups.hpp>
#include <glow/flow/memory_use.hpp>
#include <glow/flow/multiscale.hpp>
#include <glow/flow/parameters.hpp>
#include <glow/flow/require_finite.hpp>
#include <glow/flow/sample_shape.hpp>
#include <glow/flow/with_domain.hpp>
#include <glow/ops/cpu/pointwise.hpp>
#include <glow/ops/sum_tree.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

struct TrainOptions;

/// A net (MultiScale<Level>) for images [H, W, C], or with one level for vectors [D], with parameters,
/// gradients and numbers derived from them. Where a verb says [N, H, W, C], batches of vectors are [N, D].
/// Data pass as they are in their domain (flow/domain.hpp): pixels as the net's numbers, continuous data as
/// they were given, which are standardized on the way.
/// The in-place verbs allocate nothing after their first call; encode, decode and sample return new tensors.
/// Every verb throws ShapeError where the shapes of its arguments do not fit one another, naming the
/// argument, before it writes anything. Verbs of a const Model may be called on several threads at once.
template <class Net, class T = float, class D = Cpu>
class Model {
  static_assert(
      requires { typename Net::level_type; },
      "glow: the net of a Model is a MultiScale, such as MultiScale<Flow<Squeeze, Repeat<Step>>>");

 public:
  using value_type = T;
  using device = D;

  /// Parameters are drawn by `seed`. Without one (nullopt) all are 0, which is no model yet: write them, then
  /// call `changed`. Throws ShapeError if the net cannot take samples of this shape, [H, W, C] or [D] (also
  /// written Vector{D}), or if the domain has means that are not one a channel.
  Model(Net net, const Shape& sample, Domain domain, std::optional<std::uint64_t> seed = 0)
      : net_(std::move(net)),
        sample_(sample, begins_with_squeeze<typename Net::level_type>),
        domain_(std::move(domain)),
        parameters_({net_, domain_.is_continuous(), input_shape(1)}, batch_shape(1)) {
    if (!seed) return;
    net_.initialize(parameters_.params(), Random{*seed, 0}.fork(0));
    set_given_standardization();
    changed();
  }
  Model(const Architecture& a, const Shape& sample, Domain domain, std::optional<std::uint64_t> seed = 0)
      : Model(Net(a), sample, std::move(domain), seed) {}
  /// The same with the usual domain of the shape, see Domain::of.
  Model(Net net, const Shape& sample, std::optional<std::uint64_t> seed = 0)
      : Model(std::move(net), sample, Domain::of(sample), seed) {}
  Model(const Architecture& a, const Shape& sample, std::optional<std::uint64_t> seed = 0)
      : Model(Net(a), sample, seed) {}

  const Net& net() const { return net_; }
  const Domain& domain() const { return domain_; }
  /// Shape of a sample: [H, W, C] or [D].
  const Shape& sample_shape() const { return sample_.one(); }
  /// Numbers in a sample: H W C or D.
  Index dimensions() const { return sample_shape().size(); }
  /// [n, H, W, C] or [n, D]
  Shape batch_shape(Index n) const { return sample_.batch(n); }
  /// Shape of n samples as they enter the net: [n, H/2, W/2, 4C], squeezed, if its level begins with Squeeze;
  /// else batch_shape(n). The verbs `..._into` take and give them so, which saves a pass over the batch.
  Shape input_shape(Index n) const { return sample_.input(n); }

  /// The shapes of batches, in words and as checks.
  const SampleShape& shapes() const { return sample_; }

  /// Parameters and gradients. After writing to parameters, call `changed`.
  Parameters<WithDomain<Net>, T, D>& parameters() { return parameters_; }
  const Parameters<WithDomain<Net>, T, D>& parameters() const { return parameters_; }
  /// Recomputes what derives from the parameters.
  void changed() { net_.prepare(parameters_.params()); }

  /// `probe` listens to all verbs from now on, until another does; null for nobody. It must live as long.
  void listen(Probe<T, D>* probe) { probe_ = probe; }
  /// Who listens; null for nobody.
  Probe<T, D>* listener() const { return probe_; }

  /// Samples [N, H, W, C] -> x of input_shape, the same numbers.
  void enter(View<const T, D> images, View<T, D> x) const {
    sample_.check_input("enter", x, "images", images);
    glow::enter<typename Net::level_type>(images, x);
  }
  /// x of input_shape -> samples [N, H, W, C].
  void leave(View<const T, D> x, View<T, D> images) const {
    sample_.check_input("leave", x, "images", images);
    glow::leave<typename Net::level_type>(x, images);
  }

  /// Samples with which the data-dependent start knows enough of the data at every level; more than fit into
  /// 2^24 numbers are not asked for.
  Index start_images() const {
    const Index most = std::max(Index{1}, (Index{1} << 24) / dimensions());
    return std::min(most, net_.start_images(batch_shape(1)));
  }
  /// Data-dependent start from a first batch x [N, H, W, C], which is left as it is: of ActNorm and, unless
  /// it was given, of the domain's standardization. Any batch of images will do, since a small one counts for
  /// less (ops/actnorm_start.hpp); `start_images` make the first loss that of the data. Of vectors, give as
  /// many as there are. Throws NumericError, naming the sample, for numbers that are not finite.
  void start(View<const T, D> x, const Context<T, D>& context = {}) {
    sample_.check_batch("start", "x", x);
    if constexpr (!is_counted<D>) detail::require_finite<T, D>(x, "start: the numbers of x");
    const auto features = features_of("start", context, x.batch());
    const Scratch<T, D> work(input_shape(x.batch()));
    enter(x, work.view());
    if (domain_.is_continuous()) {
      auto& p = parameters_.params().domain[0];
      if (domain_.continuous().mean.empty()) standardization_.start(p, work.view());
      standardization_.forward(p, work.view(), View<T, D>());
    }
    Pass<T, D> pass;
    pass.context = features.values();
    net_.start(parameters_.params(), work.view(), pass);
    changed();
  }

  /// x [N, H, W, C] -> packed latents in place; logdet [N] and logpz [N] += ..., each unless empty.
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz, const Context<T, D>& context = {}) const {
    sample_.check_batch("forward", "x", x);
    sample_.check_sums("forward", logdet, logpz, x.batch());
    const Scratch<T, D> work(input_shape(x.batch()));
    enter(x, work.view());
    forward_into(work.view(), x, logdet, logpz, context);
  }
  /// The same; `observer(level, z, prior)` sees each latent of the batch, levels from 1.
  template <class Observer>
  void forward(View<T, D> x, View<T, D> logdet, View<T, D> logpz, Observer observer,
               const Context<T, D>& context = {}) const {
    sample_.check_batch("forward", "x", x);
    sample_.check_sums("forward", logdet, logpz, x.batch());
    const Scratch<T, D> work(input_shape(x.batch()));
    enter(x, work.view());
    const auto features = features_of("forward", context, x.batch());
    forward_in({x.batch(), x.batch()}, work.view(), x, logdet, logpz, features.values(), observer);
  }
  /// Images x of input_shape, which are overwritten, -> packed latents z [N, H, W, C].
  void forward_into(View<T, D> x, View<T, D> z, View<T, D> logdet, View<T, D> logpz,
                    const Context<T, D>& context = {}) const {
    sample_.check_input("forward_into", x, "latents", z);
    sample_.check_sums("forward_into", logdet, logpz, z.batch());
    const auto features = features_of("forward_into", context, x.batch());
    forward_in(groups_for(D(), x.batch(), sample_.positions()), x, z, logdet, logpz, features.values(),
               typename Net::NoObserver());
  }
  /// The same for training: `kept` sets aside what `backward_into` can use.
  void forward_into(View<T, D> x, View<T, D> z, View<T, D> logdet, View<T, D> logpz, KeptGroups<D>& kept,
                    const Context<T, D>& context = {}) const {
    sample_.check_input("forward_into", x, "latents", z);
    sample_.check_sums("forward_into", logdet, logpz, z.batch());
    const auto features = features_of("forward_into", context, x.batch());
    const ImageGroups groups = gradient_groups(x.batch(), &kept);
    kept.prepare(groups.count(), activation_bytes<T>(net_, z.shape()));
    forward_in(groups, x, z, logdet, logpz, features.values(), typename Net::NoObserver(), &kept);
  }

  /// Packed latents -> x [N, H, W, C] in place; logdet [N] -= log|det dz/dx| unless empty.
  void inverse(View<T, D> z, View<T, D> logdet = {}, const Context<T, D>& context = {}) const {
    sample_.check_batch("inverse", "z", z);
    sample_.check_sums("inverse", "logdet", logdet, z.batch());
    const Scratch<T, D> x(input_shape(z.batch()));
    inverse_into(z, x.view(), logdet, context);
    leave(x.view(), z);
  }
  /// Packed latents z [N, H, W, C], which are overwritten, -> images x of input_shape.
  void inverse_into(View<T, D> z, View<T, D> x, View<T, D> logdet = {},
                    const Context<T, D>& context = {}) const {
    sample_.check_input("inverse_into", x, "latents", z);
    sample_.check_sums("inverse_into", "logdet", logdet, z.batch());
    const auto features = features_of("inverse_into", context, z.batch());
    for_each_group(D(), groups_for(D(), x.batch(), sample_.positions()), [&](Index, ImageRange i) {
      net_.inverse(parameters_.params_for_reading(), latents(i, z), i.of(x),
                   pass_of(i, i.of(logdet), features.values()));
      restore(i.of(x), i.of(logdet));
    });
  }

  /// Packed draws of N(0, I) -> x [N, H, W, C] in place; every level's draw is scaled by `temperature`.
  /// Throws Error for one that is negative or not finite.
  void sample_from(View<T, D> eps, T temperature, const Context<T, D>& context = {}) const {
    sample_.check_batch("sample_from", "eps", eps);
    const Scratch<T, D> x(input_shape(eps.batch()));
    sample_into(eps, x.view(), temperature, context);
    leave(x.view(), eps);
  }
  /// Packed draws of N(0, I) [N, H, W, C], which are overwritten, -> images x of input_shape.
  void sample_into(View<T, D> eps, View<T, D> x, T temperature, const Context<T, D>& context = {}) const {
    sample_.check_input("sample_into", x, "eps", eps);
    const auto features = features_of("sample_into", context, eps.batch());
    require(std::isfinite(temperature) && temperature >= 0, "temperature: ", temperature,
            " must be a finite number of at least 0");
    for_each_group(D(), groups_for(D(), x.batch(), sample_.positions()), [&](Index, ImageRange i) {
      net_.sample(parameters_.params_for_reading(), latents(i, eps), i.of(x),
                  pass_of(i, View<T, D>(), features.values()), temperature);
      restore(i.of(x), View<T, D>());
    });
  }

  /// Packed latents z -> x and dz -> dx in place; parameter gradients += ... dlogdet [N] and dlogpz [N] are
  /// the cotangents of what `forward` adds; empty ones count as zero.
  void backward(View<T, D> z, View<T, D> dz, View<T, D> dlogdet, View<T, D> dlogpz,
                const Context<T, D>& context = {}) {
    sample_.check_batch("backward", "z", z);
    sample_.check_cotangents("backward", z, dz, dlogdet, dlogpz);
    const Scratch<T, D> x(input_shape(z.batch())), dx(input_shape(z.batch()));
    backward_into(z, dz, x.view(), dx.view(), dlogdet, dlogpz, nullptr, context);
    leave(x.view(), z);
    leave(dx.view(), dz);
  }
  /// Packed latents z and their gradient dz [N, H, W, C], which are overwritten, -> images x and their
  /// gradient dx of input_shape. `kept`: none, or that of the `forward_into` which made z.
  void backward_into(View<T, D> z, View<T, D> dz, View<T, D> x, View<T, D> dx, View<T, D> dlogdet,
                     View<T, D> dlogpz, KeptGroups<D>* kept = nullptr, const Context<T, D>& context = {}) {
    sample_.check_input("backward_into", x, "latents", z);
    sample_.check_cotangents("backward_into", z, dz, dlogdet, dlogpz);
    sample_.check_input("backward_into", dx, "dz", dz);
    const auto features = features_of("backward_into", context, z.batch(), true);
    const ImageGroups groups = gradient_groups(z.batch(), kept);
    auto& replicas = parameters_.replicas(static_cast<std::size_t>(groups.count() - 1));
    for_each_group(D(), groups, [&](Index g, ImageRange i) {
      const auto replica = static_cast<std::size_t>(g - 1);
      auto& gradients = g == 0 ? parameters_.gradients() : replicas[replica];
      if (g > 0) clear(parameters_.replica(replica));
      net_.backward(parameters_.params(), gradients, latents(i, z), latents(i, dz), i.of(x), i.of(dx),
                    pass_of(i, i.of(dlogdet), features.values(), kept == nullptr ? nullptr : &(*kept)[g],
                            features.gradient()),
                    i.of(dlogpz));
      for (auto& p : parameters_.params().domain)
        standardization_.backward(p, p, i.of(x), i.of(dx), View<T, D>());
      if (net_.labels())
        net_.labels()->backward(gradients.labels[0], i.of(context.labels), i.of(features.gradient()));
    });
    const auto gradient_of = [this](Index g) {
      return g == 0 ? parameters_.gradient() : parameters_.replica(static_cast<std::size_t>(g - 1));
    };
    for_each_sum_of_tree(groups.count(),
                         [&](Index to, Index from) { add(gradient_of(from), gradient_of(to)); });
  }

  /// The groups of `batch` images, a part of what `kept` is told of, whose gradients are computed apart;
  /// null: of all.
  ImageGroups gradient_groups(Index batch, const KeptGroups<D>* kept) const {
    const Index whole = kept == nullptr ? batch : kept->whole(batch);
    const ImageGroups groups =
        gradient_groups_for(D(), whole, sample_.positions(), parameters_.values().size());
    return {batch, std::min(batch, groups.size)};
  }

  /// Latents and log-likelihood terms of x [N, H, W, C].
  Encoding<T, D> encode(View<const T, D> x, const Context<T, D>& context = {}) const {
    sample_.check_batch("encode", "x", x);
    const Shape n{x.shape()[0]};
    Encoding<T, D> e{Tensor<T, D>(x.shape()), Tensor<T, D>(n), Tensor<T, D>(n)};
    const Scratch<T, D> work(input_shape(n[0]));
    enter(x, work.view());
    forward_into(work.view(), e.latents.view(), e.logdet.view(), e.logpz.view(), context);
    return e;
  }

  /// Images [N, H, W, C] of packed latents.
  Tensor<T, D> decode(View<const T, D> latents, const Context<T, D>& context = {}) const {
    sample_.check_batch("decode", "latents", latents);
    Tensor<T, D> x(latents);
    inverse(x.view(), {}, context);
    return x;
  }

  /// Images first ... first + n - 1 of those that `random` draws at `temperature`. Each depends on `random`
  /// and its number alone: more images, or another batch, leave it as it is.
  Tensor<T, D> sample(Index n, T temperature, Random random, Index first = 0,
                      const Context<T, D>& context = {}) const {
    require(first >= 0, "sample: first: ", first, " must be at least 0");
    Tensor<T, D> x(batch_shape(n));
    net_.draw(x.view(), random, first);
    sample_from(x.view(), temperature, context);
    return x;
  }

  /// log p(x) [N], in nats, of x [N, H, W, C].
  Tensor<T, D> log_prob(View<const T, D> x, const Context<T, D>& context = {}) const {
    Encoding<T, D> e = encode(x, context);
    add(e.logdet.view(), e.logpz.view());
    return std::move(e.logpz);
  }

  /// Labels as a context takes them. Throws Error for a model without classes, or for a label that is none,
  /// naming the sample.
  Tensor<Index, D> labels(std::span<const Index> labels) const {
    check_labels(labels);
    Tensor<Index, D> on_device(Shape{static_cast<Index>(labels.size())});
    transfer(View<const Index, Cpu>(labels.data(), on_device.shape()), on_device.view());
    return on_device;
  }
  /// What `labels` checks.
  void check_labels(std::span<const Index> labels) const {
    require(net_.labels().has_value(), "labels: this model has no classes");
    const Index classes = net_.labels()->classes();
    for (std::size_t n = 0; n < labels.size(); ++n) {
      require(labels[n] >= 0 && labels[n] < classes, "labels: label ", labels[n], " of sample ", n,
              " is not one of 0 to ", classes - 1);
    }
  }

  /// logits [N, K] of the classes, by the classifier of packed latents z.
  void classify(View<T, D> z, View<T, D> logits) const {
    sample_.check_batch("classify", "z", z);
    require(net_.labels().has_value(), "classify: this model has no classes");
    net_.labels()->classify(parameters_.params_for_reading().labels[0], net_.latent(net_.levels(), z),
                            logits);
  }
  /// `weight` times the classifier's cross-entropy for packed latents z, which are a `share` of a batch: dz
  /// and the gradient += ...; result [2] += as in Labels::loss.
  void classifier_loss(View<T, D> z, View<T, D> dz, View<const Index, D> labels, double weight, double share,
                       View<double, D> result) {
    sample_.check_batch("classifier_loss", "z", z);
    check_context<T, D>(net_, "classifier_loss", {.labels = labels}, z.batch());
    net_.labels()->loss(parameters_.params().labels[0], parameters_.gradients().labels[0],
                        net_.latent(net_.levels(), z), net_.latent(net_.levels(), dz), labels, weight, share,
                        result);
  }

  /// What this model takes, when it is trained by a Trainer with default or these options and sampled, in
  /// batches of `batch` images: see memory_of in train/memory.hpp, which also tells it without a model.
  MemoryUse memory(Index batch) const;
  MemoryUse memory(Index batch, const TrainOptions& options) const;

  /// Latent l = 1 ... levels [N, h, w, c] of packed latents [N, H, W, C]; a view.
  View<T, D> latent(int l, View<T, D> packed) const { return latent_of(l, packed); }
  View<const T, D> latent(int l, View<const T, D> packed) const { return latent_of(l, packed); }

 private:
  template <class Number>
  View<Number, D> latent_of(int l, View<Number, D> packed) const {
    sample_.check_batch("latent", "packed", packed);
    require<ShapeError>(l >= 1 && l <= net_.levels(), "Model::latent: level ", l, " must be 1 to ",
                        net_.levels());
    return net_.latent(l, packed);
  }

  // Where the net finds latents of some images among the packed ones of a batch.
  auto latents(ImageRange i, View<T, D> packed) const {
    return [this, i, packed](int l) { return i.of(net_.latent(l, packed)); };
  }

  // What layers read of a context, which is checked.
  ContextFeatures<T, D> features_of(std::string_view verb, const Context<T, D>& context, Index n,
                                    bool backward = false) const {
    return {net_, parameters_.params_for_reading(), verb, context, n, backward};
  }

  // What rides along with some images.
  Pass<T, D> pass_of(ImageRange i, View<T, D> logdet, View<const T, D> context, Kept<D>* kept = nullptr,
                     View<T, D> d_context = {}) const {
    Pass<T, D> pass(logdet, kept);
    pass.context = i.of(context);
    pass.d_context = i.of(d_context);
    pass.probe = probe_;
    return pass;
  }

  template <class Observer>
  void forward_in(const ImageGroups& groups, View<T, D> x, View<T, D> z, View<T, D> logdet, View<T, D> logpz,
                  View<const T, D> context, Observer observer, KeptGroups<D>* kept = nullptr) const {
    for_each_group(D(), groups, [&](Index g, ImageRange i) {
      const auto& p = parameters_.params_for_reading();
      for (const auto& domain : p.domain) standardization_.forward(domain, i.of(x), i.of(logdet));
      net_.forward(p, i.of(x), latents(i, z),
                   pass_of(i, i.of(logdet), context, kept == nullptr ? nullptr : &(*kept)[g]), i.of(logpz),
                   observer);
    });
  }

  void set_given_standardization() {
    if (!domain_.is_continuous() || domain_.continuous().mean.empty()) return;
    const auto& [mean, deviation] = domain_.continuous();
    require<ShapeError>(static_cast<Index>(mean.size()) == sample_shape().back(), "Continuous: ", mean.size(),
                        " means and deviations for samples ", sample_shape(), " must be ",
                        sample_shape().back(), ", one a channel");
    standardization_.set(parameters_.params().domain[0], mean, deviation);
  }

  // What the net makes, x, -> numbers of the domain, in place; logdet [N] -= log|det| unless empty.
  void restore(View<T, D> x, View<T, D> logdet) const {
    for (const auto& p : parameters_.params_for_reading().domain) standardization_.inverse(p, x, logdet);
  }

  Net net_;
  SampleShape sample_;
  Probe<T, D>* probe_ = nullptr;
  Domain domain_;
  [[no_unique_address]] Standardization standardization_;
  Parameters<WithDomain<Net>, T, D> parameters_;
};

}  // namespace glow
