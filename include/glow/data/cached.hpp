// A dataset that keeps in memory what it has loaded.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include <glow/data/dataset.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Images of another dataset, each loaded once and then kept, as far as a budget allows; the others are
/// loaded each time. Images that cannot be decoded are not tried again. The order in which images are asked
/// for, and by which threads, changes what is kept but never an image.
class CachedDataset : public Dataset {
 public:
  /// Keeps images of up to `most_bytes` in all. Throws Error for a negative budget.
  CachedDataset(std::unique_ptr<Dataset> data, Index most_bytes)
      : data_(std::move(data)), images_(static_cast<std::size_t>(data_->size())) {
    require(most_bytes >= 0, "cache: ", most_bytes, " bytes must not be negative");
    room_ = std::min(most_bytes / data_->shape().size(), data_->size());
  }

  Index size() const override { return data_->size(); }
  Shape shape() const override { return data_->shape(); }
  bool load(Index i, std::uint8_t* out) const override {
    const std::size_t bytes = static_cast<std::size_t>(shape().size());
    Image& image = images_[static_cast<std::size_t>(i)];
    const std::uint8_t* kept = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (image.bad) return false;
      kept = image.pixels.get();
    }
    if (kept != nullptr) {  // never changed again
      std::copy_n(kept, bytes, out);
      return true;
    }
    const bool loaded = data_->load(i, out);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!loaded) {
      known_ += image.bad ? 0 : 1;
      image.bad = true;
    } else if (image.pixels == nullptr && room_ > 0) {
      image.pixels = std::make_unique<std::uint8_t[]>(bytes);
      std::copy_n(out, bytes, image.pixels.get());
      --room_;
      ++known_;
    }
    return loaded;
  }
  std::string name(Index i) const override { return data_->name(i); }
  std::uint64_t key(Index i) const override { return data_->key(i); }
  std::filesystem::path file(Index i) const override { return data_->file(i); }
  ArchivedFile archived(Index i) const override { return data_->archived(i); }
  std::span<const Index> shards() const override { return data_->shards(); }
  std::span<const std::string> classes() const override { return data_->classes(); }
  Index label(Index i) const override { return data_->label(i); }
  /// Passes on those that are not kept.
  void will_need(std::span<const Index> images) const override {
    std::vector<Index> missing;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      for (const Index i : images) {
        const Image& image = images_[static_cast<std::size_t>(i)];
        if (image.pixels == nullptr && !image.bad) missing.push_back(i);
      }
    }
    data_->will_need(missing);
  }
  std::string failure(Index i) const override { return data_->failure(i); }
  bool slow() const override { return known_ < size() && data_->slow(); }

 private:
  struct Image {
    std::unique_ptr<std::uint8_t[]> pixels;
    bool bad = false;
  };

  std::unique_ptr<Dataset> data_;
  mutable std::mutex mutex_;
  mutable std::vector<Image> images_;
  mutable Index room_ = 0;               // images that may still be kept
  mutable std::atomic<Index> known_{0};  // images that are kept or bad
};

}  // namespace glow
