// The memory of training and sampling, told before it is taken: a model and its trainer run on a device that
// only counts (core/counted.hpp).
#pragma once

#include <limits>
#include <vector>

#include <glow/flow/memory_use.hpp>
#include <glow/ops/counted.hpp>
#include <glow/train/trainer.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

// Bytes that counted work of this thread holds beyond `before`, with what the other threads of its loops
// hold.
template <class D>
std::size_t counted_bytes(const CountedThreads<D>& all, std::size_t before) {
  const auto others = static_cast<std::size_t>(threads() - 1);
  const auto& other = all.other();
  std::size_t n = Ledger::current().held() - before;
  if (others > 0) n += (others - 1) * (other.temporaries.capacity() + other.tape.capacity());
  // A tape's notes are the host's, and so no counted memory.
  if (D::host_memory) n += all.caller().tape_notes.capacity() + others * other.tape_notes.capacity();
  return n;
}

// What users give with a batch where memory is counted: labels, or features.
template <class T, class D>
class CountedContext {
 public:
  template <class Net>
  CountedContext(const Net& net, Index batch)
      : labels_(net.labels() ? Shape{batch} : Shape{0}),
        features_(net.labels() || net.context().rank() == 0 ? Shape{0} : net.context().samples(batch)) {}

  Context<T, D> context() const {
    return {labels_.size() > 0 ? View<const Index, D>(labels_) : View<const Index, D>(),
            features_.size() > 0 ? View<const T, D>(features_) : View<const T, D>(),
            {}};
  }
  /// Bytes of it.
  std::size_t bytes() const {
    return static_cast<std::size_t>(labels_.size()) * sizeof(Index) +
           static_cast<std::size_t>(features_.size()) * sizeof(T);
  }

 private:
  Tensor<Index, D> labels_;
  Tensor<T, D> features_;
};

// The start and two steps on counted data, which are the caller's and are gone afterwards.
template <class Net, class T, class D>
void train_twice(Trainer<Net, T, Counted<D>>& trainer, Index batch) {
  const auto& model = trainer.model();
  const Shape shape = model.batch_shape(batch);
  const CountedContext<T, Counted<D>> given(model.net(), batch);
  if (model.domain().is_continuous() || !given.context().features.empty()) {
    const Tensor<T, Counted<D>> x(shape);
    trainer.start_on(x.view(), given.context());
    for (int step = 0; step < 2; ++step) trainer.step_on(x.view(), given.context());
  } else {
    const Tensor<std::uint8_t, Counted<Cpu>> pixels(shape);
    const std::span<const std::uint8_t> images(pixels.data(), static_cast<std::size_t>(pixels.size()));
    const std::vector<Index> labels(static_cast<std::size_t>(given.context().labels.size()));
    trainer.start(images, labels);
    for (int step = 0; step < 2; ++step) trainer.step(images, labels);
  }
}

}  // namespace detail

/// What a model of `net` for samples [H, W, C] or [D] of a domain takes, in T and on device D, when it is
/// trained and sampled in batches of `batch` samples, with the number of threads that is set. Takes next to
/// no memory itself, so that it can tell of models that fit no machine. Where there is no GPU, a GPU is taken
/// to be an H100. Throws Error or ShapeError where the model's construction would.
template <class Net, class T = float, class D = Cpu>
MemoryUse memory_of(const Net& net, const Shape& sample, const Domain& domain, Index batch,
                    TrainOptions options = {}) {
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  MemoryUse use;
  use.libraries = library_bytes(D());
  const std::size_t before = Ledger::current().held();
  {
    const CountedThreads<D> all;
    Model<Net, T, Counted<D>> model(net, sample, domain);
    const auto& p = model.parameters();
    use.parameters = p.bytes(Role::trainable) + p.bytes(Role::constant);
    use.derived = p.bytes(Role::derived) + static_cast<std::size_t>(p.weights().size()) * sizeof(Index);
    use.gradients = p.bytes(Role::trainable);
    options.bad_steps_limit = std::numeric_limits<Index>::max();  // no step that is counted has a loss
    Trainer<Net, T, Counted<D>> trainer(model, options);
    use.optimizer = (options.average > 0 ? 3 : 2) * p.bytes(Role::trainable);
    detail::train_twice(trainer, batch);
    use.activations = trainer.activation_bytes();
    use.training_temporaries =
        detail::counted_bytes(all, before) - use.model() - use.optimizer - use.activations;
  }
  const CountedThreads<D> all;
  const Model<Net, T, Counted<D>> model(net, sample, domain);
  const detail::CountedContext<T, Counted<D>> given(net, batch);
  const std::size_t of_user = before + given.bytes();
  for (int round = 0; round < 2; ++round) {
    const Tensor<T, Counted<D>> x = model.sample(batch, 1, {}, 0, given.context());
    use.sampling_temporaries = detail::counted_bytes(all, of_user) - use.model();
  }
  return use;
}
/// The same of the usual domain of the shape, see Domain::of.
template <class Net, class T = float, class D = Cpu>
MemoryUse memory_of(const Net& net, const Shape& sample, Index batch, const TrainOptions& options = {}) {
  return memory_of<Net, T, D>(net, sample, Domain::of(sample), batch, options);
}

template <class Net, class T, class D>
MemoryUse Model<Net, T, D>::memory(Index batch, const TrainOptions& options) const {
  return memory_of<Net, T, D>(net_, sample_shape(), domain_, batch, options);
}

template <class Net, class T, class D>
MemoryUse Model<Net, T, D>::memory(Index batch) const {
  return memory(batch, TrainOptions());
}

}  // namespace glow
