// MultiScale: L levels; after each but the last, half of the channels leave as a latent with a learned prior.
#pragma once

#include <vector>

#include <glow/flow/architecture.hpp>
#include <glow/flow/layer.hpp>
#include <glow/layers/split.hpp>
#include <glow/layers/top_prior.hpp>

namespace glow {

/// L levels with learned split priors between, and N(0, I) or a learned prior on top. It works in place:
/// where an image batch x [N, H, W, C] lay, its latents come to lie one after the other, z_1 [N, h, w, c] of
/// the finest level first, each contiguous. Parameters are named "level1/...", "level1/split/...", "top/...".
template <class Level>
class MultiScale {
  static_assert(check_layer<Level>());

 public:
  template <class Leaf>
  struct Params {
    std::vector<typename Level::template Params<Leaf>> levels;
    std::vector<Split::Params<Leaf>> splits;  ///< levels - 1
    std::vector<TopPrior::Params<Leaf>> top;  ///< one if the top prior is learned, else none

    template <class F>
    void visit(F&& f) {
      for (std::size_t l = 0; l < levels.size(); ++l) {
        const std::string name = "level" + std::to_string(l + 1);
        levels[l].visit(with_prefix(name, f));
        if (l < splits.size()) splits[l].visit(with_prefix(name + "/split", f));
      }
      for (auto& t : top) t.visit(with_prefix("top", f));
    }
  };

  /// The observer of `forward` that does nothing. An observer is called as observer(level, z, prior) for each
  /// latent on the way; prior [mu | log sigma] is empty for N(0, I).
  struct NoObserver {
    template <class V>
    void operator()(int, V, V) const {}
  };

  explicit MultiScale(const Architecture& a)
      : MultiScale(a.levels, make_layer<Level>(a), a.learn_top_prior) {}
  /// `levels` copies of `level`; throws ShapeError below 1.
  MultiScale(int levels, Level level, bool learn_top_prior = false)
      : level_(std::move(level)), levels_(levels), learn_top_prior_(learn_top_prior) {
    require<ShapeError>(levels >= 1, "MultiScale: levels ", levels, " must be at least 1");
  }

  int levels() const { return levels_; }
  const Level& level() const { return level_; }
  bool learns_top_prior() const { return learn_top_prior_; }

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

  template <class Leaf>
  Params<Leaf> blank() const {
    const auto n = static_cast<std::size_t>(levels_);
    return {std::vector(n, blank_params<Leaf>(level_)), std::vector<Split::Params<Leaf>>(n - 1),
            std::vector<TopPrior::Params<Leaf>>(learn_top_prior_ ? 1 : 0)};
  }

  /// Throws ShapeError, naming the layer, the level and the extent, if images of shape x cannot be taken.
  Params<Shape> declare(const Shape& x) const {
    Params<Shape> p;
    Shape shape = x;
    for (int l = 1; l <= levels_; ++l) {
      at_level(l, [&] {
        p.levels.push_back(declare_layer(level_, shape));
        shape = output_shape(level_, shape);
        if (l == levels_) return;
        p.splits.push_back(split_.declare(shape));
        shape = split_.rest(shape);
      });
    }
    if (learn_top_prior_) p.top.push_back(top_.declare(shape));
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
  }

  /// Data-dependent start from a first batch of images.
  template <class T, class D>
  void start_through(Params<View<T, D>>& p, View<T, D>& x) const {
    for (std::size_t l = 0; l < p.levels.size(); ++l) {
      start_layer<Level, T, D>(level_, p.levels[l], x);
      if (l == p.splits.size()) return;
      split_.forward(p.splits[l], x, View<T, D>(), [](View<T, D>, View<T, D>) {});
      x = split_.rest(x);
    }
  }

  template <class T, class D>
  void prepare(Params<View<T, D>>& p) const {
    for (auto& level : p.levels) prepare_layer<Level, T, D>(level_, level);
    for (auto& split : p.splits) split_.prepare(split);
  }

  /// x -> packed latents in place; logdet[n] += log|det|, logpz[n] += log p(z), each unless empty.
  /// `kept`: none, or one Kept<D> for training.
  template <class T, class D, class Observer = NoObserver, class... Keep>
  void forward(const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet, View<T, D> logpz,
               Observer observer = {}, Keep&... kept) const {
    for (int l = 1; l <= levels_; ++l) {
      layer_forward<Level, T, D>(level_, p.levels[at(l)], x, logdet, kept...);
      if (l == levels_) break;
      split_.forward(p.splits[at(l)], x, logpz,
                     [&](View<T, D> z, View<T, D> prior) { observer(l, z, prior); });
      x = split_.rest(x);
    }
    if (p.top.empty()) {
      gaussian_log_density(x, View<T, D>(), logpz);
      observer(levels_, x, View<T, D>());
    } else {
      top_.log_density(p.top[0], x, logpz,
                       [&](View<T, D> z, View<T, D> prior) { observer(levels_, z, prior); });
    }
  }

  /// Packed latents, in the shape of their images, -> x in place; logdet[n] -= log|det| unless empty.
  template <class T, class D>
  void inverse(const Params<View<T, D>>& p, View<T, D> z, View<T, D> logdet) const {
    inverse_from(1, p, z, logdet, [](int, View<T, D>) {});
  }

  /// Packed draws of N(0, I), in the shape of their images, -> x in place: latent l is mu + sigma temperature
  /// eps_l.
  template <class T, class D>
  void sample(const Params<View<T, D>>& p, View<T, D> eps, std::type_identity_t<T> temperature) const {
    inverse_from(1, p, eps, View<T, D>(), [&](int l, View<T, D> y) {
      if (l < levels_) {
        split_.sample(p.splits[at(l)], y, temperature);
      } else if (p.top.empty()) {
        gaussian_sample(View<T, D>(), temperature, y);
      } else {
        top_.sample(p.top[0], y, temperature);
      }
    });
  }

  /// Packed latents z -> x and their gradient dz -> dx in place, with the pull-back of dlogdet [N] and dlogpz
  /// [N] (each may be empty, for zero); grad += ...
  template <class T, class D, class... Keep>
  void backward(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> z, View<T, D> dz,
                View<T, D> dlogdet, View<T, D> dlogpz, Keep&... kept) const {
    backward_from(1, p, grad, z, dz, dlogdet, dlogpz, kept...);
  }

 private:
  static std::size_t at(int level) { return static_cast<std::size_t>(level - 1); }

  // Runs fn; a ShapeError "Layer: ..." from it becomes "Layer at level l: ...".
  template <class F>
  static void at_level(int l, F fn) {
    try {
      fn();
    } catch (const ShapeError& e) {
      std::string text = e.what();
      text.insert(std::min(text.find(':'), text.size()), " at level " + std::to_string(l));
      throw ShapeError(text);
    }
  }

  // `fill(l, y)` sets latent l of y = [latent l, what went on], the level's output; x has the shape of the
  // level's input.
  template <class T, class D, class Fill>
  void inverse_from(int l, const Params<View<T, D>>& p, View<T, D> x, View<T, D> logdet, Fill fill) const {
    View<T, D> y(x.data(), output_shape(level_, x.shape()));
    if (l < levels_) {
      inverse_from(l + 1, p, split_.rest(y), logdet, fill);
      fill(l, y);
      split_.inverse(y);
    } else {
      fill(l, y);
    }
    layer_inverse<Level, T, D>(level_, p.levels[at(l)], y, logdet);
  }

  template <class T, class D, class... Keep>
  void backward_from(int l, const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> x,
                     View<T, D> dx, View<T, D> dlogdet, View<T, D> dlogpz, Keep&... kept) const {
    const Shape out = output_shape(level_, x.shape());
    View<T, D> y(x.data(), out), dy(dx.data(), out);
    if (l < levels_) {
      backward_from(l + 1, p, grad, split_.rest(y), split_.rest(dy), dlogdet, dlogpz, kept...);
      split_.backward(p.splits[at(l)], grad.splits[at(l)], y, dy, dlogpz);
    } else if (!dlogpz.empty()) {
      if (p.top.empty()) {
        gaussian_backward(y, View<T, D>(), dlogpz, dy, View<T, D>());
      } else {
        top_.backward(p.top[0], grad.top[0], y, dy, dlogpz);
      }
    }
    layer_backward<Level, T, D>(level_, p.levels[at(l)], grad.levels[at(l)], y, dy, dlogdet, kept...);
  }

  Level level_;
  Split split_;
  TopPrior top_;
  int levels_;
  bool learn_top_prior_;
};

}  // namespace glow
