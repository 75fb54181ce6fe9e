// Ranks that are threads of one process.
#pragma once

#include <barrier>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <glow/ranks/communicator.hpp>

namespace glow::test {

/// A rank as one of the threads sees it. A copy is the same rank.
class ThreadRank : public Communicator {
 public:
  /// What the ranks share.
  struct Meeting {
    explicit Meeting(int n)
        : barrier(n), given(static_cast<std::size_t>(n)), sent(static_cast<std::size_t>(n)) {}
    std::barrier<> barrier;
    std::vector<std::span<std::byte>> given;
    std::vector<std::size_t> sent;  // bytes that each rank has sent
  };

  ThreadRank(std::shared_ptr<Meeting> meeting, int rank) : meeting_(std::move(meeting)), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(meeting_->given.size()); }

  void gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    // Nobody writes to what is given here.
    meet(std::span(const_cast<std::byte*>(mine.data()), mine.size()), [&](auto& given) {
      for (std::size_t r = 0; r < given.size(); ++r) put(given[r], all.data() + r * mine.size());
    });
  }
  void broadcast(std::span<std::byte> data) override {
    meet(data, [&](auto& given) {
      if (rank_ > 0) put(given[0], data.data());
    });
  }
  void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                std::span<std::byte> received) override {
    meet(std::span(const_cast<std::byte*>(data.data()), data.size()), [&](auto& given) {
      const std::size_t piece = bounds[at(rank_) + 1] - bounds[at(rank_)];
      for (std::size_t r = 0; r < given.size(); ++r)
        put(given[r].subspan(bounds[at(rank_)], piece), received.data() + r * piece);
    });
    meeting_->sent[at(rank_)] += data.size() - (bounds[at(rank_) + 1] - bounds[at(rank_)]);
  }
  void share(std::span<std::byte> data, std::span<const std::size_t> bounds) override {
    meet(data, [&](auto& given) {
      for (std::size_t r = 0; r < given.size(); ++r) {
        if (r != at(rank_))
          put(given[r].subspan(bounds[r], bounds[r + 1] - bounds[r]), data.data() + bounds[r]);
      }
    });
    meeting_->sent[at(rank_)] += (at(size()) - 1) * (bounds[at(rank_) + 1] - bounds[at(rank_)]);
  }

 private:
  static std::size_t at(int rank) { return static_cast<std::size_t>(rank); }
  static void put(std::span<const std::byte> from, std::byte* to) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size());
  }

  template <class Take>
  void meet(std::span<std::byte> mine, Take take) {
    meeting_->given[at(rank_)] = mine;
    meeting_->barrier.arrive_and_wait();
    take(meeting_->given);
    meeting_->barrier.arrive_and_wait();
  }

  std::shared_ptr<Meeting> meeting_;
  int rank_;
};

/// Calls work(rank) on n threads, and throws again what one of them threw. Returns the bytes that each sent.
inline std::vector<std::size_t> on_ranks(int n, const std::function<void(ThreadRank)>& work) {
  const auto meeting = std::make_shared<ThreadRank::Meeting>(n);
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(n));
  std::vector<std::thread> threads;
  for (int r = 0; r < n; ++r) {
    threads.emplace_back([&, r] {
      try {
        work({meeting, r});
      } catch (...) {
        errors[static_cast<std::size_t>(r)] = std::current_exception();
        meeting->barrier.arrive_and_drop();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return meeting->sent;
}

}  // namespace glow::test
