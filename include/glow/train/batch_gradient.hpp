// BatchGradient: the loss of a batch and its gradient, computed in parts and by all ranks that share the
// batch.
#pragma once

#include <array>
#include <numbers>
#include <vector>

#include <glow/flow/listening.hpp>
#include <glow/flow/model.hpp>
#include <glow/ops/cpu/training.hpp>
#include <glow/ranks/overlapped_sum.hpp>
#include <glow/ranks/share.hpp>
#include <glow/train/finished_levels.hpp>
#include <glow/train/part_sums.hpp>
#include <glow/train/told.hpp>
#include <glow/train/train_options.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a Trainer minimizes. A batch is cut into TrainOptions::parts, of which each rank takes as many, one
/// after another; the parts' gradients, and within them those of groups of images (flow/groups.hpp), are
/// added in the order of ops/sum_tree.hpp. So N ranks have the bits of one that takes the batch in as many
/// parts.
template <class Net, class T, class D>
class BatchGradient {
 public:
  BatchGradient(Model<Net, T, D>& model, const TrainOptions& options)
      : model_(model), options_(options), kept_(options.activations, options.activation_budget) {}

  /// Of images x as they enter the model, which are overwritten, all of a batch: the gradient of their mean
  /// loss is left in the model, and dx = dloss/dx. `loss` [1]: bits per dimension; `classifier` [2]: as in
  /// Labels::loss.
  void operator()(View<T, D> x, View<T, D> dx, const Context<T, D>& context, View<double, D> loss,
                  View<double, D> classifier) {
    const Index n = x.batch();
    const Scratch<T, D> logdet(Shape{n}), logpz(Shape{n});
    compute(x, dx, context, {0, n, n}, options_.parts, logdet.view(), logpz.view(), classifier);
    sums_.add_to(model_.parameters().gradient(), 0);
    mean(View<const T, D>(logpz), View<const T, D>(logdet), loss);
  }

  /// Of this rank's share of a batch; the same loss and gradient are left on every rank. `sum`: of these
  /// ranks.
  void operator()(Communicator& ranks, OverlappedSum<T, D>& sum, const Share& share, View<T, D> x,
                  View<T, D> dx, const Context<T, D>& context, View<double, D> loss,
                  View<double, D> classifier) {
    if (ranks.size() == 1) return (*this)(x, dx, context, loss, classifier);
    const Index n = x.batch();
    const Scratch<T, D> logdet(Shape{n}), logpz(Shape{n});
    const View<T, D> gradient = model_.parameters().gradient();
    if (levels_.empty()) levels_ = level_ranges(model_.parameters());
    const auto add_up = [&](Index first, Index last) {
      if (first == last) return;
      const View<T, D> numbers(gradient.data() + first, {last - first});
      sums_.add_to(numbers, first);
      sum.begin(numbers);
    };
    const Index parts = options_.parts == 1 ? 1 : options_.parts / ranks.size();
    FinishedLevels<T, D> listener(
        [&](int l) {
          const GradientRange& level = levels_[static_cast<std::size_t>(l) - 1];
          add_up(level.first, level.last);
        },
        model_.listener());
    // Groups of images finish a level one after another; whether there are some must be known to all ranks.
    kept_.part_of(share.all);
    const Index most = *std::max_element(share.counts.begin(), share.counts.end());
    const bool one_by_one = model_.gradient_groups((most - 1) / parts + 1, &kept_).count() == 1;
    compute(x, dx, context, share, parts, logdet.view(), logpz.view(), classifier,
            one_by_one ? &listener : nullptr);
    if (one_by_one) {
      add_up(0, levels_.front().first);
      add_up(levels_.back().last, gradient.size());
    } else {
      add_up(0, gradient.size());
    }
    sum.finish();
    add_up_terms(ranks, share, View<const T, D>(logpz), View<const T, D>(logdet), loss, classifier);
  }

  /// See Trainer::record.
  void record(Timeline* timeline) { timeline_ = timeline; }

  /// Bytes that activations kept from the forward pass take, after a step.
  std::size_t activation_bytes() const { return kept_.capacity(); }

 private:
  // The parts' gradients, of which all but the last are left in `sums_`; `listener` hears the last one's
  // backward pass.
  void compute(View<T, D> x, View<T, D> dx, const Context<T, D>& context, const Share& share, Index parts,
               View<T, D> logdet, View<T, D> logpz, View<double, D> classifier,
               Probe<T, D>* listener = nullptr) {
    const Index n = x.batch(), part = (n - 1) / parts + 1;
    const Scratch<T, D> dlog(Shape{n});
    kept_.part_of(share.all);
    sums_.clear();
    clear(logdet);
    clear(logpz);
    clear(classifier);
    fill(dlog.view(),
         static_cast<T>(-1 / (static_cast<double>(share.all * model_.dimensions()) * std::numbers::ln2)));
    for (Index first = 0; first < n; first += part) {
      const Index count = std::min(part, n - first);
      if (first > 0) sums_.keep(model_.parameters().gradient());
      fill(model_.parameters().gradient(), 0);
      add_gradient(x.samples(first, count), dx.samples(first, count), context.samples(first, count),
                   logdet.samples(first, count), logpz.samples(first, count), dlog.samples(first, count),
                   static_cast<double>(count) / static_cast<double>(share.all), classifier,
                   first + count == n ? listener : nullptr);
    }
  }

  // What a part adds to the gradient and to the log-likelihoods; it is a `share` of the batch.
  void add_gradient(View<T, D> x, View<T, D> dx, const Context<T, D>& context, View<T, D> logdet,
                    View<T, D> logpz, View<T, D> dlog, double share, View<double, D> classifier,
                    Probe<T, D>* listener) {
    const Scratch<T, D> z(model_.batch_shape(x.batch())), dz(z.shape());
    told<D>(timeline_, "forward", [&] { model_.forward_into(x, z.view(), logdet, logpz, kept_, context); });
    clear(dz.view());
    if (!context.labels.empty()) {
      model_.classifier_loss(z.view(), dz.view(), context.labels, options_.classifier_weight, share,
                             classifier);
    }
    const Listening<Net, T, D> listening(model_, listener == nullptr ? model_.listener() : listener);
    told<D>(timeline_, "backward",
            [&] { model_.backward_into(z.view(), dz.view(), x, dx, dlog, dlog, &kept_, context); });
  }

  void mean(View<const T, D> logpz, View<const T, D> logdet, View<double, D> loss) {
    mean_bits_per_dim(logpz, logdet, model_.dimensions(), model_.domain().bins(), loss);
  }

  // The loss of all images, on each rank in the same order.
  void add_up_terms(Communicator& ranks, const Share& share, View<const T, D> logpz, View<const T, D> logdet,
                    View<double, D> loss, View<double, D> classifier) {
    const Scratch<T, D> all_logpz(Shape{share.all}), all_logdet(Shape{share.all});
    const auto gather_terms = [&](View<const T, D> mine, View<T, D> all) {
      std::vector<T> here(static_cast<std::size_t>(share.count));
      transfer(mine, View<T, Cpu>(here.data(), mine.shape()));
      const std::vector<T> found = gather<T>(ranks, share, here);
      transfer(View<const T, Cpu>(found.data(), all.shape()), all);
    };
    gather_terms(logpz, all_logpz.view());
    gather_terms(logdet, all_logdet.view());
    mean(View<const T, D>(all_logpz), View<const T, D>(all_logdet), loss);
    std::array<double, 2> terms{};
    transfer(View<const double, D>(classifier), View<double, Cpu>(terms.data(), {2}));
    std::array<double, 2> sums{};
    for (const auto& of_rank : gather(ranks, terms)) {
      for (std::size_t i = 0; i < 2; ++i) sums[i] += of_rank[i];
    }
    transfer(View<const double, Cpu>(sums.data(), {2}), classifier);
  }

  Model<Net, T, D>& model_;
  TrainOptions options_;
  KeptGroups<D> kept_;
  PartSums<T, D> sums_;
  std::vector<GradientRange> levels_;
  Timeline* timeline_ = nullptr;
};

}  // namespace glow
