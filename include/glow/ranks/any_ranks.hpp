// AnyRanks: a communicator chosen at run time.
#pragma once

#include <memory>
#include <utility>

#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// The ranks of another communicator or, without one, the only rank. A copy is the same rank.
class AnyRanks : public Communicator {
 public:
  AnyRanks() = default;
  explicit AnyRanks(std::shared_ptr<Communicator> ranks) : ranks_(std::move(ranks)) {}

  int rank() const override { return ranks_ == nullptr ? 0 : ranks_->rank(); }
  int size() const override { return ranks_ == nullptr ? 1 : ranks_->size(); }

  void gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    if (ranks_ != nullptr) return ranks_->gather(mine, all);
    std::copy(mine.begin(), mine.end(), all.begin());
  }
  void broadcast(std::span<std::byte> data) override {
    if (ranks_ != nullptr) ranks_->broadcast(data);
  }
  void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                std::span<std::byte> received) override {
    if (ranks_ != nullptr) return ranks_->exchange(data, bounds, received);
    std::copy(data.begin(), data.end(), received.begin());
  }
  void share(std::span<std::byte> data, std::span<const std::size_t> bounds) override {
    if (ranks_ != nullptr) ranks_->share(data, bounds);
  }
  GpuRanks* on_gpu() override { return ranks_ == nullptr ? nullptr : ranks_->on_gpu(); }
  void abort(int status) override {
    if (ranks_ != nullptr) ranks_->abort(status);
  }

 private:
  std::shared_ptr<Communicator> ranks_;
};

}  // namespace glow
