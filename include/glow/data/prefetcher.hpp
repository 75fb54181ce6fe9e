// Prefetcher: decodes batches ahead of training on threads of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <glow/core/parallel.hpp>
#include <glow/data/dataset.hpp>
#include <glow/data/sampler.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A batch of images, and where the sequence stands after it.
struct Batch {
  std::vector<std::uint8_t> pixels;  ///< [N, H, W, C], of the share of the batch that is loaded
  std::vector<Index> labels;         ///< [N], see Dataset::label; empty for images without classes
  std::vector<Index> images;         ///< [N], which of the dataset they are
  Position position;                 ///< after the whole batch
};

/// How a Prefetcher makes batches.
struct PrefetchOptions {
  Index batch = 64;
  Index first =
      0;  ///< images first ... first + share - 1 of each batch are loaded, for a rank that takes these
  Index share = 0;  ///< 0: up to the end of the batch
  std::uint64_t seed = 0;
  bool flip = false;  ///< mirror each image left to right with probability 1/2, by (seed, epoch, image) alone
  bool strict = false;  ///< an image that cannot be decoded is an error, not skipped
  Index window = 0;     ///< of shuffling by shards, see Shuffle; 0: all images of an epoch alike
  Index ahead = 4;      ///< batches held ready
  int threads = 1;      ///< that share the images of a batch where the data are slow to load
  std::function<void(const std::string& failure)> on_skip =
      {};  ///< called once for each image that is skipped, with its Dataset::failure(), on a thread
};

/// Endless sequence of batches of images 0 ... count - 1 of a dataset, in the order of a Sampler, whatever
/// the number of threads. Images that cannot be decoded are skipped: the next one of their epoch takes their
/// place, besides its own, so that batches do not depend on who loads which part of them.
class Prefetcher {
 public:
  /// Images first ... first + count - 1 of `data`, which must outlive the object; starts at `position`.
  /// Throws Error for images outside the data, an empty batch, none ahead, or no threads.
  Prefetcher(const Dataset& data, Index first, Index count, PrefetchOptions options, Position position = {})
      : data_(data),
        first_(first),
        options_(std::move(options)),
        how_{options_.window, shards_of(data, first, count)},
        sampler_(count, options_.seed, position, how_),
        announced_(position),
        pool_(options_.threads) {
    require(first >= 0 && count <= data.size() - first, "Prefetcher: images ", first, " to ",
            first + count - 1, " lie outside the ", data.size(), " of the data");
    require(options_.batch >= 1, "batch: ", options_.batch, " must be at least 1");
    if (options_.share == 0) options_.share = options_.batch - options_.first;
    require(options_.first >= 0 && options_.share >= 1 && options_.share <= options_.batch - options_.first,
            "Prefetcher: images ", options_.first, " to ", options_.first + options_.share - 1,
            " lie outside a batch of ", options_.batch);
    require(options_.ahead >= 1, "ahead: ", options_.ahead, " must be at least 1");
    thread_ = std::thread([this] { work(); });
  }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  ~Prefetcher() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    thread_.join();
  }

  /// The next batch; waits for it if need be. Throws what went wrong on the thread: FileError for an image
  /// that cannot be decoded if strict, or if none of a whole epoch can be.
  Batch next() {
    const auto begin = std::chrono::steady_clock::now();
    std::unique_lock<std::mutex> lock(mutex_);
    ready_.wait(lock, [&] { return !batches_.empty() || error_; });
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (batches_.empty()) std::rethrow_exception(error_);
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    room_.notify_one();
    return batch;
  }

  /// Seconds that next() has waited for batches so far, all calls together.
  double waited() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waited_;
  }

  /// Images skipped so far.
  Index skipped() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<Index>(skipped_.size());
  }

 private:
  void work() {
    try {
      while (!stopping_) {
        Batch batch = make();
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [&] { return stopping_ || static_cast<Index>(batches_.size()) < options_.ahead; });
        if (stopping_) return;
        batches_.push_back(std::move(batch));
        ready_.notify_one();
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      error_ = std::current_exception();
      ready_.notify_all();
    }
  }

  Batch make() {
    const Index size = data_.shape().size();
    std::vector<Drawn> drawn;
    for (Index n = 0; n < options_.batch; ++n) {
      const Index image = sampler_.next();
      if (is_shared(n)) drawn.push_back({image, sampler_.position().epoch, sampler_.position().offset});
    }
    announce();
    Batch batch;
    batch.position = sampler_.position();
    batch.pixels.resize(drawn.size() * static_cast<std::size_t>(size));
    load(drawn, batch.pixels.data());
    for (std::uint8_t* pixels = batch.pixels.data(); Drawn & d : drawn) {
      if (!d.loaded) load_next(d, pixels);
      if (stopping_) break;
      if (options_.flip && flipped(d)) mirror(pixels, data_.shape());
      batch.images.push_back(first_ + d.image);
      if (!data_.classes().empty()) batch.labels.push_back(data_.label(first_ + d.image));
      pixels += size;
    }
    return batch;
  }

  // True if image n of a batch is one of those that are loaded.
  bool is_shared(Index n) const { return n >= options_.first && n < options_.first + options_.share; }

  // The shards of images first ... first + count - 1, counted from `first`.
  static std::vector<Index> shards_of(const Dataset& data, Index first, Index count) {
    std::vector<Index> shards{0};
    for (const Index s : data.shards()) {
      if (s > first && s < first + count) shards.push_back(s - first);
    }
    return shards;
  }

  // Tells the data of the images of this window and of the next one that it does not know of, as far as they
  // will be loaded.
  void announce() {
    const Position& now = sampler_.position();
    if (announced_.epoch != now.epoch) announced_ = {now.epoch, 0};
    const std::span<const Index> soon = sampler_.soon(now.offset);
    const Index until = now.offset + static_cast<Index>(soon.size());
    const Index from = std::max(announced_.offset, now.offset);
    if (from >= until) return;
    std::vector<Index> images;
    for (Index at = from; at < until; ++at) {
      if (is_shared((at - now.offset) % options_.batch))
        images.push_back(first_ + soon[static_cast<std::size_t>(at - now.offset)]);
    }
    data_.will_need(images);
    announced_.offset = until;
  }

  // An image of the sequence.
  struct Drawn {
    Index image, epoch;
    Index next;  // offset of the image after it in its epoch
    bool loaded = false;
  };

  // Loads images one after the other into `to`; when stopping, some are left out.
  void load(std::vector<Drawn>& drawn, std::uint8_t* to) {
    const Index size = data_.shape().size();
    const auto load_one = [&](Index k) {
      Drawn& d = drawn[static_cast<std::size_t>(k)];
      d.loaded = !stopping_ && data_.load(first_ + d.image, to + k * size);
    };
    const Index count = static_cast<Index>(drawn.size());
    if (data_.slow()) return pool_.run(count, load_one);
    for (Index k = 0; k < count; ++k) load_one(k);
  }

  // Loads the next image of its epoch that can be decoded in place of one that cannot.
  void load_next(Drawn& d, std::uint8_t* to) {
    skip(d.image);
    if (d.epoch == sampler_.position().epoch) return load_next(d, to, sampler_);
    load_next(d, to, Sampler(sampler_.count(), options_.seed, {d.epoch, 0}, how_));
  }
  void load_next(Drawn& d, std::uint8_t* to, const Sampler& of_epoch) {
    const Index count = of_epoch.count();
    for (Index tried = 1; !stopping_; ++tried) {
      require<FileError>(tried < count, "none of ", count, " images can be decoded");
      d.image = of_epoch.order()[static_cast<std::size_t>(d.next % count)];
      d.next = d.next % count + 1;
      if (data_.load(first_ + d.image, to)) return;
      skip(d.image);
    }
  }

  void skip(Index image) {
    if (stopping_) return;  // it was not tried
    const std::string failure = data_.failure(first_ + image);
    require<FileError>(!options_.strict, failure);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!skipped_.insert(image).second) return;
    }
    if (options_.on_skip) options_.on_skip(failure);
  }

  bool flipped(const Drawn& d) const {
    const Random epoch = Random{options_.seed, 3}.fork(static_cast<std::uint64_t>(d.epoch));
    return (epoch.words(static_cast<std::uint64_t>(first_ + d.image))[0] & 1) != 0;
  }

  static void mirror(std::uint8_t* pixels, const Shape& shape) {
    const Index w = shape[1], c = shape[2];
    for (Index y = 0; y < shape[0]; ++y) {
      std::uint8_t* row = pixels + y * w * c;
      for (Index x = 0; x < w / 2; ++x)
        std::swap_ranges(row + x * c, row + (x + 1) * c, row + (w - 1 - x) * c);
    }
  }

  const Dataset& data_;
  Index first_;
  PrefetchOptions options_;
  Shuffle how_;
  Sampler sampler_;
  Position announced_;  // to the data, up to this
  ThreadPool pool_;
  mutable std::mutex mutex_;
  std::condition_variable ready_, room_;
  std::deque<Batch> batches_;
  std::set<Index> skipped_;
  std::exception_ptr error_;
  double waited_ = 0;  // seconds
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace glow
