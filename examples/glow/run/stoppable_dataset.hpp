// A dataset whose images can be had until one is asked to stop.
#pragma once

#include <functional>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// Another dataset, which must outlive it, in long work that may be broken off: once `stop()` is true,
/// loading an image throws Stopped.
class StoppableDataset : public Dataset {
 public:
  struct Stopped {};

  StoppableDataset(const Dataset& data, std::function<bool()> stop) : data_(data), stop_(std::move(stop)) {}

  Index size() const override { return data_.size(); }
  Shape shape() const override { return data_.shape(); }
  bool load(Index i, std::uint8_t* out) const override {
    if (stop_()) throw Stopped();
    return data_.load(i, out);
  }
  std::string name(Index i) const override { return data_.name(i); }
  std::uint64_t key(Index i) const override { return data_.key(i); }
  std::filesystem::path file(Index i) const override { return data_.file(i); }
  ArchivedFile archived(Index i) const override { return data_.archived(i); }
  std::span<const Index> shards() const override { return data_.shards(); }
  void will_need(std::span<const Index> images) const override { data_.will_need(images); }
  std::string failure(Index i) const override { return data_.failure(i); }
  bool slow() const override { return data_.slow(); }
  std::span<const std::string> classes() const override { return data_.classes(); }
  Index label(Index i) const override { return data_.label(i); }

 private:
  const Dataset& data_;
  std::function<bool()> stop_;
};

}  // namespace glow::app
