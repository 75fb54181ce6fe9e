// The memory of training and sampling, told before it is taken: a model and its trainer run on a device that
// only counts (core/counted.hpp).
#pragma once

#include <glow/flow/memory_use.hpp>
#include <glow/ops/counted.hpp>
#include <glow/train/trainer.hpp>

namespace glow {

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

}  // namespace detail

/// What a model of `net` for images [H, W, C] takes, in T and on device D, when it is trained and sampled in
/// batches of `batch` images, with the number of threads that is set. Takes next to no memory itself, so that
/// it can tell of models that fit no machine. Where there is no GPU, a GPU is taken to be an H100. Throws
/// Error or ShapeError where the model's construction would.
template <class Net, class T = float, class D = Cpu>
MemoryUse memory_of(const Net& net, const Shape& image, Index batch, const TrainOptions& options = {}) {
  require(batch >= 1, "batch: ", batch, " must be at least 1");
  MemoryUse use;
  use.libraries = library_bytes(D());
  const std::size_t before = Ledger::current().held();
  {
    const CountedThreads<D> all;
    Model<Net, T, Counted<D>> model(net, image);
    const auto& p = model.parameters();
    use.parameters = p.bytes(Role::trainable) + p.bytes(Role::constant);
    use.derived = p.bytes(Role::derived);
    use.gradients = p.bytes(Role::trainable);
    Trainer<Net, T, Counted<D>> trainer(model, options);
    use.optimizer = 2 * p.bytes(Role::trainable);
    const Tensor<std::uint8_t, Counted<Cpu>> pixels(model.batch_shape(batch));
    const std::size_t on_host = before + static_cast<std::size_t>(pixels.size());
    const std::span<const std::uint8_t> images(pixels.data(), static_cast<std::size_t>(pixels.size()));
    trainer.start(images);
    for (int step = 0; step < 2; ++step) trainer.step(images);
    use.activations = trainer.activation_bytes();
    use.training_temporaries =
        detail::counted_bytes(all, on_host) - use.model() - use.optimizer - use.activations;
  }
  const CountedThreads<D> all;
  const Model<Net, T, Counted<D>> model(net, image);
  for (int round = 0; round < 2; ++round) {
    const Tensor<T, Counted<D>> x = model.sample(batch, 1, {});
    use.sampling_temporaries = detail::counted_bytes(all, before) - use.model();
  }
  return use;
}

template <class Net, class T, class D>
MemoryUse Model<Net, T, D>::memory(Index batch, const TrainOptions& options) const {
  return memory_of<Net, T, D>(net_, image_, batch, options);
}

template <class Net, class T, class D>
MemoryUse Model<Net, T, D>::memory(Index batch) const {
  return memory(batch, TrainOptions());
}

}  // namespace glow
