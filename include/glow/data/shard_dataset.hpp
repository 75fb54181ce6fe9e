// The pictures of tar shards as a dataset.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include <glow/data/dataset.hpp>
#include <glow/data/shard_index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The samples of shards, each read and decoded when it is asked for; so memory holds their index alone.
/// label(i) is the number in sample i's .cls member. A LabelledDataset gives such numbers names.
class ShardDataset : public Dataset {
 public:
  /// Decodes a picture file into an image of the dataset's shape; throws FileError, with the reason, for one
  /// that cannot be. Several threads call it.
  using Decode = std::function<void(std::span<const std::uint8_t> file, std::uint8_t* image)>;

  /// Images of shape `image` [H, W, C]. Files of more than `most_bytes` are not read, and count as pictures
  /// that cannot be decoded.
  ShardDataset(std::shared_ptr<const ShardIndex> index, const Shape& image, Decode decode,
               std::uint64_t most_bytes = std::uint64_t{1} << 30)
      : index_(std::move(index)), image_(image), decode_(std::move(decode)), most_bytes_(most_bytes) {}

  Index size() const override { return index_->size(); }
  Shape shape() const override { return image_; }
  /// Throws FileError for a shard that cannot be read any more: see ShardIndex::read.
  bool load(Index i, std::uint8_t* out) const override {
    if (index_->bytes(i) > most_bytes_)
      return failed(i, join("its ", index_->bytes(i), " bytes are more than the limit of ", most_bytes_));
    const std::vector<std::uint8_t> file = index_->read(i);
    try {
      decode_(file, out);
    } catch (const FileError& e) {
      return failed(i, e.what());
    }
    return true;
  }
  std::string name(Index i) const override {
    return join(index_->shard(i).string(), ": ", detail::printable(index_->name(i)), " at byte ",
                index_->first_byte(i));
  }
  ArchivedFile archived(Index i) const override {
    return {index_->shard(i), index_->name(i), index_->first_byte(i), index_->bytes(i)};
  }
  std::span<const Index> shards() const override { return index_->first_of_shards(); }
  void will_need(std::span<const Index> images) const override { index_->will_need(images); }
  Index label(Index i) const override { return index_->label(i); }
  std::string failure(Index i) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto reason = reasons_.find(i);
    return reason == reasons_.end() ? Dataset::failure(i) : Dataset::failure(i) + ": " + reason->second;
  }
  bool slow() const override { return true; }

 private:
  bool failed(Index i, const std::string& reason) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    reasons_[i] = reason;
    return false;
  }

  std::shared_ptr<const ShardIndex> index_;
  Shape image_;
  Decode decode_;
  std::uint64_t most_bytes_;
  mutable std::mutex mutex_;
  mutable std::map<Index, std::string> reasons_;  // of images that could not be decoded
};

}  // namespace glow
