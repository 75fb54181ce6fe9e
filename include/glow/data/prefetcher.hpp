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

namespace glow {

/// A batch of images, and where the sequence stands after it.
struct Batch {
  std::vector<std::uint8_t> pixels;  ///< [N, H, W, C]
  std::vector<Index> labels;         ///< [N], see Dataset::label; empty for images without classes
  std::vector<Index> images;         ///< [N], which of the dataset they are
  Position position;
};

/// How a Prefetcher makes batches.
struct PrefetchOptions {
  Index batch = 64;
  std::uint64_t seed = 0;
  bool flip = false;  ///< mirror each image left to right with probability 1/2, by (seed, epoch, image) alone
  bool strict = false;  ///< an image that cannot be decoded is an error, not skipped
  Index window = 0;     ///< of shuffling by shards, see Shuffle; 0: all images of an epoch alike
  Index ahead = 4;      ///< batches held ready
  int threads = 1;      ///< that share the images of a batch where the data are slow to load
  std::function<void(const std::string& failure)>
      on_skip;  ///< called once for each image that is skipped, with its Dataset::failure(), on a thread
};

/// Endless sequence of batches of images 0 ... count - 1 of a dataset, in the order of a Sampler, whatever
/// the number of threads. Images that cannot be decoded are skipped: the next one takes their place.
class Prefetcher {
 public:
  /// Images first ... first + count - 1 of `data`, which must outlive the object; starts at `position`.
  /// Throws Error for images outside the data, an empty batch, none ahead, or no threads.
  Prefetcher(const Dataset& data, Index first, Index count, PrefetchOptions options, Position position = {})
      : data_(data),
        first_(first),
        options_(std::move(options)),
        sampler_(count, options_.seed, position, {options_.window, shards_of(data, first, count)}),
        announced_(position),
        pool_(options_.threads) {
    require(first >= 0 && count <= data.size() - first, "Prefetcher: images ", first, " to ",
            first + count - 1, " lie outside the ", data.size(), " of the data");
    require(options_.batch >= 1, "batch: ", options_.batch, " must be at least 1");
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
    Batch batch;
    batch.pixels.resize(static_cast<std::size_t>(options_.batch * size));
    const auto place = [&](Index n) { return batch.pixels.data() + n * size; };
    Index done = 0;
    while (done < options_.batch && !stopping_) {
      // As many as are missing, so that none is drawn in vain.
      std::vector<Drawn> drawn(static_cast<std::size_t>(options_.batch - done));
      for (Drawn& d : drawn) {
        d.image = first_ + sampler_.next();
        d.epoch = sampler_.position().epoch;
      }
      announce();
      load(drawn, place(done));
      if (stopping_) break;
      for (Index from = done; const Drawn& d : drawn) {
        const std::uint8_t* const pixels = place(from++);
        if (!d.loaded) {
          skip(d.image);
          // So many in a row hold a whole epoch, wherever in one they begin.
          require<FileError>(++failed_in_a_row_ < 2 * sampler_.count() - 1, "none of ", sampler_.count(),
                             " images can be decoded");
          continue;
        }
        failed_in_a_row_ = 0;
        if (pixels != place(done)) std::copy_n(pixels, size, place(done));
        if (options_.flip && flipped(d)) mirror(place(done), data_.shape());
        batch.images.push_back(d.image);
        if (!data_.classes().empty()) batch.labels.push_back(data_.label(d.image));
        ++done;
      }
    }
    batch.position = sampler_.position();
    return batch;
  }

  // The shards of images first ... first + count - 1, counted from `first`.
  static std::vector<Index> shards_of(const Dataset& data, Index first, Index count) {
    std::vector<Index> shards{0};
    for (const Index s : data.shards()) {
      if (s > first && s < first + count) shards.push_back(s - first);
    }
    return shards;
  }

  // Tells the data of the images of this window and of the next one that it does not know of.
  void announce() {
    const Position& now = sampler_.position();
    if (announced_.epoch != now.epoch) announced_ = {now.epoch, 0};
    const std::span<const Index> soon = sampler_.soon(now.offset);
    const Index until = now.offset + static_cast<Index>(soon.size());
    const Index from = std::max(announced_.offset, now.offset);
    if (from >= until) return;
    std::vector<Index> images;
    for (const Index i : soon.subspan(static_cast<std::size_t>(from - now.offset)))
      images.push_back(first_ + i);
    data_.will_need(images);
    announced_.offset = until;
  }

  // An image of the sequence.
  struct Drawn {
    Index image = 0, epoch = 0;
    bool loaded = false;
  };

  // Loads images one after the other into `to`; when stopping, some are left out.
  void load(std::vector<Drawn>& drawn, std::uint8_t* to) {
    const Index size = data_.shape().size();
    const auto load_one = [&](Index k) {
      Drawn& d = drawn[static_cast<std::size_t>(k)];
      d.loaded = !stopping_ && data_.load(d.image, to + k * size);
    };
    const Index count = static_cast<Index>(drawn.size());
    if (data_.slow()) return pool_.run(count, load_one);
    for (Index k = 0; k < count; ++k) load_one(k);
  }

  void skip(Index image) {
    const std::string failure = data_.failure(image);
    require<FileError>(!options_.strict, failure);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!skipped_.insert(image).second) return;
    }
    if (options_.on_skip) options_.on_skip(failure);
  }

  bool flipped(const Drawn& d) const {
    const Random epoch = Random{options_.seed, 3}.fork(static_cast<std::uint64_t>(d.epoch));
    return (epoch.words(static_cast<std::uint64_t>(d.image))[0] & 1) != 0;
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
  Sampler sampler_;
  Position announced_;  // to the data, up to this
  ThreadPool pool_;
  mutable std::mutex mutex_;
  std::condition_variable ready_, room_;
  std::deque<Batch> batches_;
  std::set<Index> skipped_;
  std::exception_ptr error_;
  double waited_ = 0;  // seconds
  Index failed_in_a_row_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace glow
