// Labels of samples: each class's context, learned with the model, and a classifier of the last latent.
// Source: D. Kingma, P. Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, NeurIPS 2018
// (published code, which adds the classifier's loss with weight 0.01).
#pragma once

#include <glow/ad/functions.hpp>
#include <glow/core/arena.hpp>
#include <glow/core/random.hpp>
#include <glow/layers/architecture.hpp>
#include <glow/layers/params.hpp>
#include <glow/ops/cpu/channels.hpp>
#include <glow/ops/cpu/labels.hpp>
#include <glow/ops/cpu/tape.hpp>
#include <glow/ops/cpu/tape_products.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// K classes, of which each is a context of E numbers.
class Labels {
 public:
  template <class Leaf>
  struct Params {
    Leaf embedding;  ///< [K, E]: the context of each class
    Leaf weight;     ///< [F, K] of the classifier, F the numbers of a sample's last latent
    Leaf bias;       ///< [K]

    template <class F>
    void visit(F&& f) {
      f("embedding", embedding);
      f("head/weight", weight, Role::weight);
      f("head/bias", bias);
    }
  };

  /// Of an Architecture with classes. Throws ShapeError for fewer than 2 of them, or for an embedding of no
  /// numbers.
  explicit Labels(const Architecture& a) : classes_(a.classes), embedding_(a.embedding) {
    require<ShapeError>(classes_ >= 2, "classes: ", classes_, " must be at least 2, or 0 for none");
    require<ShapeError>(embedding_ >= 1, "embedding: ", embedding_, " must be at least 1");
    require<ShapeError>(a.context.rank() == 0, "context: a model with classes takes no other context");
  }

  /// K
  Index classes() const { return classes_; }

  /// For a last latent of shape z [N, ...].
  Params<Shape> declare(const Shape& z) const {
    return {{classes_, embedding_}, {z.with_batch(1).size(), classes_}, {classes_}};
  }

  /// Contexts from N(0, 1); the classifier starts from zeros.
  template <class T, class D>
  void initialize(Params<View<T, D>>& p, Random random) const {
    fill_normal(p.embedding, random, T(1));
  }

  /// context [N, E] of labels [N].
  template <class T, class D>
  void forward(const Params<View<T, D>>& p, View<const Index, D> labels, View<T, D> context) const {
    rows_of_labels(View<const T, D>(p.embedding), labels, context);
  }

  /// grad += the pull-back of d_context [N, E].
  template <class T, class D>
  void backward(Params<View<T, D>>& grad, View<const Index, D> labels, View<T, D> d_context) const {
    rows_of_labels_backward(View<const T, D>(d_context), labels, grad.embedding);
  }

  /// logits [N, K] = W z + b of last latents z [N, ...].
  template <class T, class D>
  void classify(const Params<View<T, D>>& p, View<T, D> z, View<T, D> logits) const {
    const View<T, D> x = rows(z);
    const Scratch<T, D> without_bias(logits.shape());
    tape_product(product(x), x, p.weight, without_bias.view());
    tape_map2(functions::Plus<T>(), without_bias.view(), p.bias, logits);
  }

  /// The classifier's cross-entropy, times `weight`, for latents z of a part of a batch, which is `share` of
  /// it: dz and grad += the gradient of the batch's mean; result [2] += that mean in nats, without the
  /// weight, and the share of the batch's samples that are classified rightly.
  template <class T, class D>
  void loss(const Params<View<T, D>>& p, Params<View<T, D>>& grad, View<T, D> z, View<T, D> dz,
            View<const Index, D> labels, double weight, double share, View<double, D> result) const {
    const View<T, D> x = rows(z);
    const Scratch<T, D> logits(Shape{x.batch(), classes_}), d_logits(logits.shape());
    classify(p, z, logits.view());
    cross_entropy(View<const T, D>(logits), labels, static_cast<T>(weight), share, d_logits.view(), result);
    sum_of_rows(d_logits.view(), grad.bias);
    tape_product_pull_first(product(x), p.weight, d_logits.view(), rows(dz));
    tape_product_pull_second(product(x), x, d_logits.view(), grad.weight);
  }

 private:
  template <class T, class D>
  static View<T, D> rows(View<T, D> z) {
    return z.as({z.batch(), z.size() / z.batch()});
  }
  template <class T, class D>
  products::Matmul product(View<T, D> x) const {
    return {1, x.batch(), x.channels(), classes_};
  }

  Index classes_, embedding_;
};

}  // namespace glow
