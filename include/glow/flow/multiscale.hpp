// MultiScale: L levels; after each but the last, half of the channels leave as a latent with a learned prior.
#pragma once

#include <optional>
#include <vector>

#include <glow/core/random.hpp>
#include <glow/flow/entry.hpp>
#include <glow/flow/level_name.hpp>
#include <glow/flow/level_room.hpp>
#include <glow/flow/multiscale_params.hpp>
#include <glow/flow/visit_layers.hpp>
#include <glow/layers/labels.hpp>
#include <glow/layers/split.hpp>
#include <glow/layers/top_prior.hpp>
#include <glow/ops/actnorm_start.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// L levels with learned split priors between, and N(0, I) or a learned prior on top. Its verbs go between
/// images x as they enter the first level (flow/entry.hpp) and latents z_1 ... z_L, each contiguous, and
/// overwrite the side that they start from. Packed latents lie one after the other in the shape [N, H, W, C]
/// of their images, z_1 [N, h, w, c] of the finest level first. Parameters are named "level1/...",
/// "level1/split/...", "top/...". With one level it takes vectors, [N, D] in place of [N, H, W, C].
template <class Level>
class MultiScale {
  static_assert(check_layer<Level>());

 public:
  using level_type = Level;  ///< whose begins_with_squeeze says how images enter

  template <class Leaf>
  using Params = MultiScaleParams<Level, Leaf>;

  /// The observer of `forward` that does nothing. An observer is called as observer(level, z, prior) for each
  /// latent on the way; prior [mu | log sigma] is empty for N(0, I).
  struct NoObserver {
    template <class V>
    void operator()(int, V, V) const {}
  };

  explicit MultiScale(const Architecture& a)
      : MultiScale(a.levels, make_layer<Level>(a), a.learn_top_prior, layer_context(a), a.prior_edges) {
    architecture_ = a;
    if (a.classes != 0) labels_.emplace(a);
  }
  /// `levels` copies of `level`; throws ShapeError below 1. `context`: what the priors read, see
  /// Architecture::context; with one, the top prior is learned. `prior_edges`: see Architecture.
  MultiScale(int levels, Level level, bool learn_top_prior = false, Shape context = {},
             bool prior_edges = false)
      : level_(std::move(level)),
        split_(context, prior_edges),
        top_(context, prior_edges),
        context_(context),
        levels_(levels),
        learn_top_prior_(learn_top_prior || context.rank() != 0) {
    require<ShapeError>(levels >= 1, "MultiScale: levels ", levels, " must be at least 1");
  }

  /// What it was made from; none for a net that was made of its parts.
  const std::optional<Architecture>& architecture() const { return architecture_; }
  int levels() const { return levels_; }
  const Level& level() const { return level_; }
  bool learns_top_prior() const { return learn_top_prior_; }
  /// What the priors read of one sample, [E] or [H, W, E]; rank 0 for nothing.
  const Shape& context() const { return context_; }

  /// The classes of samples, whose labels stand in for a context; none for other nets.
  const std::optional<Labels>& labels() const { return labels_; }

  /// See the function visit_layers; of what lies between the levels it tells nothing.
  template <class F>
  void visit_layers(const std::string& name, F&& fn) const {
    for (int l = 1; l <= levels_; ++l)
      glow::visit_layers(level_, detail::name_within(name, detail::level_name(l)()), fn);
  }

  /// Shape of an input of level l = 1 ... levels, for images of shape x [N, H, W, C].
  Shape level_input(int l, const Shape& x) const {
    Shape s = x;
    for (int i = 1; i < l; ++i) s = split_.rest(output_shape(level_, s));
    return s;
  }

  /// Shape of latent l = 1 ... levels, for images of shape x [N, H, W, C].
  Shape latent_shape(int l, const Shape& x) const {
    const Shape y = output_shape(level_, level_input(l, x));
    return l < levels_ ? split_.latent(y) : y;
  }

  /// Latent l = 1 ... levels of packed latents, given in the shape of their images.
  template <class T, class D>
  View<T, D> latent(int l, View<T, D> packed) const {
    Index offset = 0;
    for (int i = 1; i < l; ++i) offset += latent_shape(i, packed.shape()).size();
    return {packed.data() + offset, latent_shape(l, packed.shape())};
  }

  /// Packed draws of N(0, I), in the shape of their images: image n's depend on `random` and first + n alone,
  /// whatever the batch.
  template <class T, class D>
  void draw(View<T, D> packed, Random random, Index first = 0) const {
    for (int l = 1; l <= levels_; ++l) {
      fill_normal_by_image(latent(l, packed), random.fork(static_cast<std::uint64_t>(l)), first);
    }
  }

  /// How many images of shape x [N, H, W, C] give an ActNorm anywhere in the levels the rows that its start
  /// wants (ops::actnorm_start_rows): the last levels have few pixels and many channels.
  Index start_images(const Shape& x) const {
    Index most = 1;
    for (int l = 1; l <= levels_; ++l) {
      const Shape y = output_shape(level_, level_input(l, x));
      const Index pixels = y.size() / (y[0] * y.back());
      most = std::max(most, (ops::actnorm_start_rows(y.back()) + pixels - 1) / pixels);
    }
    return most;
  }

  template <class Leaf>
  Params<Leaf> blank() const {
    const auto n = static_cast<std::size_t>(levels_);
    return {std::vector(n, blank_params<Leaf>(level_)), std::vector<Split::Params<Leaf>>(n - 1),
            std::vector<TopPrior::Params<Leaf>>(learn_top_prior_ ? 1 : 0),
            std::vector<Labels::Params<Leaf>>(labels_ ? 1 : 0)};
  }

  /// Throws ShapeError, naming the layer, the level and the extent, if images of shape x cannot be taken.
  template <class D = Cpu>
  Params<Shape> declare(const Shape& x) const {
    require<ShapeError>(levels_ == 1 || x.rank() == 4, "MultiScale: levels ", levels_,
                        " must be 1 for an input ", x, ", since only images [N, H, W, C] are split");
    Params<Shape> p;
    Shape shape = x;
    for (int l = 1; l <= levels_; ++l) {
      detail::at_level(l, [&] {
        p.levels.push_back(declare_layer<D>(level_, shape));
        shape = output_shape(level_, shape);
        if (l == levels_) return;
        p.splits.push_back(split_.declare(shape));
        shape = split_.rest(shape);
      });
    }
    if (learn_top_prior_) p.top.push_back(top_.declare(shape));
    if (labels_) p.labels.push_back(labels_->declare(shape));
    return p;
  }

  /// Bytes that the levels may keep in training for images of shape x, see activation_bytes.
  template <class T>
  ActivationBytes activations(const Shape& x) const {
    ActivationBytes sum{};
    for (int l = 1; l <= levels_; ++l) {
      const ActivationBytes bytes = activation_bytes<T>(level_, level_input(l, x));
      sum = {sum[0] + bytes[0], sum[1] + bytes[1]};
    }
    return sum;
  }

  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    std::uint64_t n = 0;
    for (auto& level : p.levels) initialize_layer<Level, T, D>(level_, level, random.fork(n++));
    for (auto& labels : p.labels) labels_->initialize(labels, random.fork(n++));
  }

  /// Data-dependent start from a first batch of images as they enter, which are overwritten; of the pass the
  /// context alone counts.
  template <class T, class D>
  void start(Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    start_from(1, p, x, pass);
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    for (auto& level : p.levels) prepare_layer<Level, T, D>(level_, level);
    for (auto& split : p.splits) split_.prepare(split);
    for (auto& top : p.top) top_.prepare(top);
  }

  /// x -> latents, where z(l) is the memory [N, h, w, c] of latent l; pass.logdet[n] += log|det|, logpz[n] +=
  /// log p(z), each unless empty.
  template <class T, class D, class Latents, class Observer = NoObserver>
  void forward(const Params<View<T, D>>& p, View<T, D> x, Latents z, PassOf<T, D> pass, View<T, D> logpz,
               Observer observer = {}) const {
    forward_from(1, p, x, z, pass, logpz, observer);
  }

  /// Latents z(l) -> x; pass.logdet[n] -= log|det| unless empty.
  template <class T, class D, class Latents>
  void inverse(const Params<View<T, D>>& p, Latents z, View<T, D> x, PassOf<T, D> pass) const {
    inverse_from(1, p, z, x, pass, [&](int l, View<T, D> rest, View<T, D> y) {
      if (l < levels_) split_.inverse(z(l), rest, y);
    });
  }

  /// Draws z(l) of N(0, I) -> x, with latent l = mu + sigma temperature z(l); of the pass the context alone
  /// counts.
  template <class T, class D, class Latents>
  void sample(const Params<View<T, D>>& p, Latents z, View<T, D> x, PassOf<T, D> pass,
              std::type_identity_t<T> temperature) const {
    inverse_from(1, p, z, x, pass, [&](int l, View<T, D> rest, View<T, D> y) {
      if (l < levels_) {
        split_.sample(p.splits[at(l)], z(l), rest, y, pass, temperature);
      } else if (p.top.empty()) {
        gaussian_sample(View<T, D>(), temperature, y);
      } else {
        top_.sample(p.top[0], y, pass, temperature);
      }
    });
  }

  /// Latents z(l) -> x and their gradients dz(l) -> dx, with the pull-back of pass.logdet [N] and dlogpz [N]
  /// (each may be empty, for zero); grad += ...
  template <class T, class D, class Latents>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, Latents z, Latents dz, View<T, D> x,
                View<T, D> dx, PassOf<T, D> pass, View<T, D> dlogpz) const {
    backward_from(1, p, grad, z, dz, x, dx, pass, dlogpz);
  }

 private:
  static std::size_t at(int level) { return static_cast<std::size_t>(level - 1); }

  // The room of level l + 1 after a level's output of shape y.
  template <class T, class D, class Latents>
  detail::LevelRoom<T, D> room_after(int l, const Shape& y, Latents z) const {
    return {entry_shape<Level>(split_.rest(y)), l + 1 == levels_ ? z(levels_) : View<T, D>()};
  }

  template <class T, class D>
  void start_from(int l, Params<View<T, D>>& p, View<T, D> x, PassOf<T, D> pass) const {
    start_entered<Level, T, D>(level_, p.levels[at(l)], x, pass);
    if (l == levels_) return;
    const Scratch<T, D> z(split_.latent(x.shape())), rest(entry_shape<Level>(split_.rest(x.shape())));
    split_channels(x, z.view(), rest.view());
    start_from(l + 1, p, rest.view(), pass);
  }

  template <class T, class D, class Latents, class Observer>
  void forward_from(int l, const Params<View<T, D>>& p, View<T, D> x, Latents z, PassOf<T, D> pass,
                    View<T, D> logpz, Observer& observer) const {
    const auto observe = [&](View<T, D> latent, View<T, D> prior) { observer(l, latent, prior); };
    probed(Verb::forward, detail::level_name(l), x, pass, [&](const Pass<T, D>& within) {
      entered_forward<Level, T, D>(level_, p.levels[at(l)], x, within);
    });
    if (l < levels_) {
      const auto next = room_after<T, D>(l, x.shape(), z);
      split_.forward(p.splits[at(l)], x, z(l), next.x, pass, logpz, observe);
      return forward_from(l + 1, p, next.x, z, pass, logpz, observer);
    }
    detail::copy_unless_same(x, z(l));
    if (p.top.empty()) {
      gaussian_log_density(z(l), View<T, D>(), logpz);
      observe(z(l), View<T, D>());
    } else {
      top_.log_density(p.top[0], z(l), pass, logpz, observe);
    }
  }

  // `fill(l, rest, y)` sets y, the output of level l, from latent l and the rest; for the last level y holds
  // the latent, and there is no rest.
  template <class T, class D, class Latents, class Fill>
  void inverse_from(int l, const Params<View<T, D>>& p, Latents z, View<T, D> x, PassOf<T, D> pass,
                    Fill fill) const {
    View<T, D> y(x.data(), entered_output(level_, x.shape()));
    if (l < levels_) {
      const auto next = room_after<T, D>(l, y.shape(), z);
      inverse_from(l + 1, p, z, next.x, pass, fill);
      fill(l, next.x, y);
    } else {
      detail::copy_unless_same(z(l), y);
      fill(l, View<T, D>(), y);
    }
    probed(Verb::inverse, detail::level_name(l), y, pass, [&](const Pass<T, D>& within) {
      entered_inverse<Level, T, D>(level_, p.levels[at(l)], y, within);
    });
  }

  template <class T, class D, class Latents>
  void backward_from(int l, const Params<View<T, D>>& p, Params<View<T, D>>& grad, Latents z, Latents dz,
                     View<T, D> x, View<T, D> dx, PassOf<T, D> pass, View<T, D> dlogpz) const {
    const Shape out = entered_output(level_, x.shape());
    View<T, D> y(x.data(), out), dy(dx.data(), out);
    if (l < levels_) {
      const auto next = room_after<T, D>(l, out, z), d_next = room_after<T, D>(l, out, dz);
      backward_from(l + 1, p, grad, z, dz, next.x, d_next.x, pass, dlogpz);
      split_.backward(p.splits[at(l)], grad.splits[at(l)], z(l), next.x, dz(l), d_next.x, y, dy, pass,
                      dlogpz);
    } else {
      detail::copy_unless_same(z(l), y);
      detail::copy_unless_same(dz(l), dy);
      if (!dlogpz.empty() && p.top.empty()) {
        gaussian_backward(y, View<T, D>(), dlogpz, dy, View<T, D>());
      } else if (!dlogpz.empty()) {
        top_.backward(p.top[0], grad.top[0], y, dy, pass, dlogpz);
      }
    }
    probed(Verb::backward, detail::level_name(l), dy, pass, [&](const Pass<T, D>& within) {
      entered_backward<Level, T, D>(level_, p.levels[at(l)], grad.levels[at(l)], y, dy, within);
    });
  }

  std::optional<Architecture> architecture_;
  Level level_;
  Split split_;
  TopPrior top_;
  Shape context_;
  std::optional<Labels> labels_;
  int levels_;
  bool learn_top_prior_;
};

}  // namespace glow
