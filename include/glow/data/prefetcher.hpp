// Prefetcher: decodes batches ahead of training on a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include <glow/data/dataset.hpp>
#include <glow/data/sampler.hpp>

namespace glow {

/// A batch of images, and where the sequence stands after it.
struct Batch {
  std::vector<std::uint8_t> pixels;  ///< [N, H, W, C]
  Position position;
};

/// How a Prefetcher makes batches.
struct PrefetchOptions {
  Index batch = 64;
  std::uint64_t seed = 0;
  bool flip = false;  ///< mirror each image left to right with probability 1/2, by (seed, epoch, image) alone
  bool strict = false;  ///< an image that cannot be decoded is an error, not skipped
  Index ahead = 4;      ///< batches held ready
  std::function<void(const std::string& name)>
      on_skip;  ///< called once for each image that is skipped, on the thread
};

/// Endless sequence of batches of images 0 ... count - 1 of a dataset, in the order of a Sampler. Images that
/// cannot be decoded are skipped: the next one takes their place.
class Prefetcher {
 public:
  /// Images first ... first + count - 1 of `data`, which must outlive the object; starts at `position`.
  /// Throws Error for images outside the data, an empty batch, or none ahead.
  Prefetcher(const Dataset& data, Index first, Index count, PrefetchOptions options, Position position = {})
      : data_(data), first_(first), options_(std::move(options)), sampler_(count, options_.seed, position) {
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
    std::unique_lock<std::mutex> lock(mutex_);
    ready_.wait(lock, [&] { return !batches_.empty() || error_; });
    if (batches_.empty()) std::rethrow_exception(error_);
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    room_.notify_one();
    return batch;
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
    const Shape shape = data_.shape();
    Batch batch;
    batch.pixels.resize(static_cast<std::size_t>(options_.batch * shape.size()));
    Index n = 0;
    while (n < options_.batch && !stopping_) {
      const Index image = first_ + sampler_.next();
      std::uint8_t* to = batch.pixels.data() + n * shape.size();
      if (!data_.load(image, to)) {
        skip(image);
        // So many in a row hold a whole epoch, wherever in one they begin.
        require<FileError>(++failed_in_a_row_ < 2 * sampler_.count() - 1, "none of ", sampler_.count(),
                           " images can be decoded");
        continue;
      }
      failed_in_a_row_ = 0;
      if (options_.flip && flipped(image)) mirror(to, shape);
      ++n;
    }
    batch.position = sampler_.position();
    return batch;
  }

  void skip(Index image) {
    const std::string name = data_.name(image);
    require<FileError>(!options_.strict, "'", name, "' cannot be decoded");
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!skipped_.insert(image).second) return;
    }
    if (options_.on_skip) options_.on_skip(name);
  }

  bool flipped(Index image) const {
    const Random epoch = Random{options_.seed, 3}.fork(static_cast<std::uint64_t>(sampler_.position().epoch));
    return (epoch.words(static_cast<std::uint64_t>(image))[0] & 1) != 0;
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
  mutable std::mutex mutex_;
  std::condition_variable ready_, room_;
  std::deque<Batch> batches_;
  std::set<Index> skipped_;
  std::exception_ptr error_;
  Index failed_in_a_row_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace glow
