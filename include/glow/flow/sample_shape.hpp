// The shape of a model's samples, and the checks of what its verbs are given against it.
#pragma once

#include <string>
#include <string_view>

#include <glow/core/tensor.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images [H, W, C] or vectors [D]: shapes of batches of them, and checks that name the verb of a Model, the
/// argument, its shape and the right one in a ShapeError.
class SampleShape {
 public:
  /// `squeezed`: images enter the net as Squeeze makes them. Throws ShapeError for another rank than 3 or 1.
  SampleShape(const Shape& sample, bool squeezed) : one_(sample), squeezed_(squeezed) {
    require<ShapeError>(sample.rank() == 3 || sample.rank() == 1, "Model: sample ", sample,
                        " must be [H, W, C] or, of vectors, [D]");
  }

  /// [H, W, C] or [D]
  const Shape& one() const { return one_; }
  /// Positions at which a net works: the pixels of an image; 1 of vectors.
  Index positions() const { return one_.size() / one_.back(); }
  /// [n, H, W, C] or [n, D]
  Shape batch(Index n) const { return one_.samples(n); }
  /// Shape of n samples as they enter the net.
  Shape input(Index n) const { return squeezed_ ? ops::squeezed_shape(batch(n)) : batch(n); }

  /// Whether x is a batch of at least one sample, in memory.
  template <class Number, class D>
  bool is_batch(View<Number, D> x) const {
    const Shape& s = x.shape();
    return !x.empty() && s.rank() == one_.rank() + 1 && s[0] >= 1 && s == batch(s[0]);
  }
  /// What is_batch takes, in words: "[N, 8, 8, 1] of at least one image".
  std::string batches() const {
    std::string s = "[N";
    for (int axis = 0; axis < one_.rank(); ++axis) s += join(", ", one_[axis]);
    return s + (one_.rank() == 1 ? "] of at least one vector" : "] of at least one image");
  }

  /// A batch.
  template <class Number, class D>
  void check_batch(std::string_view verb, std::string_view name, View<Number, D> x) const {
    if (is_batch(x)) return;
    throw ShapeError(join("Model::", verb, ": ", name, ": batch ", x.shape(),
                          x.empty() ? " without memory" : "", " is not ", batches()));
  }
  /// Samples as they enter the net beside a batch of their latents or images, which share no memory.
  template <class Number, class Other, class D>
  void check_input(std::string_view verb, View<Number, D> x, std::string_view name,
                   View<Other, D> other) const {
    check_batch(verb, name, other);
    const Shape right = input(other.shape()[0]);
    require<ShapeError>(!x.empty() && x.shape() == right, "Model::", verb, ": images ", x.shape(), " of ",
                        name, " ", other.shape(), " must be ", right, ", see input_shape");
    require<ShapeError>(x.data() != other.data(), "Model::", verb, ": images and ", name,
                        " must not be the same memory");
  }
  /// One number a sample, or none.
  template <class T, class D>
  static void check_sums(std::string_view verb, std::string_view name, View<T, D> sums, Index samples) {
    require<ShapeError>(sums.empty() || sums.shape() == Shape{samples}, "Model::", verb, ": ", name, " ",
                        sums.shape(), " of a batch of ", samples, " must be [", samples, "], or empty");
  }
  /// What forward adds to.
  template <class T, class D>
  static void check_sums(std::string_view verb, View<T, D> logdet, View<T, D> logpz, Index samples) {
    check_sums(verb, "logdet", logdet, samples);
    check_sums(verb, "logpz", logpz, samples);
  }
  /// The cotangents of latents z and of what forward adds to.
  template <class T, class D>
  static void check_cotangents(std::string_view verb, View<T, D> z, View<T, D> dz, View<T, D> dlogdet,
                               View<T, D> dlogpz) {
    require<ShapeError>(!dz.empty() && dz.shape() == z.shape(), "Model::", verb, ": dz ", dz.shape(),
                        " must have the shape of the latents, ", z.shape());
    check_sums(verb, "dlogdet", dlogdet, z.batch());
    check_sums(verb, "dlogpz", dlogpz, z.batch());
  }

 private:
  Shape one_;
  bool squeezed_;
};

}  // namespace glow
