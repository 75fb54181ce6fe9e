// RollCall: which ranks of an MPI job are alive.
#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include <glow/core/process_name.hpp>
#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A rank that has waited for long asks all others for an answer, which also those give that are busy. Its
/// verbs are called by one thread at a time.
class RollCall {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds asks_after{5};  ///< of waiting
  static constexpr std::chrono::seconds answer_within{10};

  /// All ranks of `world` call it.
  explicit RollCall(MPI_Comm world) {
    MPI_Comm_dup(world, &comm_);
    MPI_Comm_rank(comm_, &rank_);
    MPI_Comm_size(comm_, &size_);
    heard_.resize(static_cast<std::size_t>(size_));
    introduce();
  }
  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;
  ~RollCall() { MPI_Comm_free(&comm_); }

  /// Answers those that asked.
  void answer() {
    while (const auto from = receive(ask)) send(*from, present);
    while (const auto from = receive(present)) heard_[static_cast<std::size_t>(*from)] = Clock::now();
  }

  /// To be called now and then by a rank that has waited since then. Throws RankError, naming the ranks, when
  /// some have not answered.
  void wait_since(Clock::time_point since) {
    answer();
    const auto now = Clock::now();
    if (now - since < asks_after) {
      asked_ = {};
      return;
    }
    if (asked_ < since) {
      asked_ = now;
      for (int r = 0; r < size_; ++r) {
        if (r != rank_) send(r, ask);
      }
      return;
    }
    std::string missing;
    int alive_below = 0;
    for (int r = 0; r < size_; ++r) {
      if (r == rank_) continue;
      if (heard_[static_cast<std::size_t>(r)] >= asked_) {
        alive_below += r < rank_;
      } else {
        missing += join(missing.empty() ? "" : ", ", names_[static_cast<std::size_t>(r)]);
      }
    }
    if (missing.empty()) {
      asked_ = {};
      return;
    }
    // The first of those that are left says it; the others only if it does not end the job.
    if (now - asked_ < answer_within + std::chrono::seconds(alive_below)) return;
    throw RankError(join("no answer for ",
                         std::chrono::duration_cast<std::chrono::seconds>(now - since).count(), " s from ",
                         missing));
  }

 private:
  static constexpr int ask = 1, present = 2;  // tags of messages without content

  // "rank 2 (process 4711 on node3)"
  void introduce() {
    char mine[320] = {};
    std::snprintf(mine, sizeof mine, "rank %d (%s)", rank_, process_name().c_str());
    std::vector<char> all(sizeof mine * heard_.size());
    MPI_Allgather(mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, comm_);
    for (std::size_t r = 0; r < heard_.size(); ++r) names_.emplace_back(all.data() + r * sizeof mine);
  }

  void send(int to, int tag) {
    MPI_Request request;
    MPI_Isend(nullptr, 0, MPI_BYTE, to, tag, comm_, &request);
    MPI_Request_free(&request);
  }
  std::optional<int> receive(int tag) {
    int found = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, tag, comm_, &found, &status);
    if (found == 0) return std::nullopt;
    MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, tag, comm_, MPI_STATUS_IGNORE);
    return status.MPI_SOURCE;
  }

  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  std::vector<std::string> names_;
  std::vector<Clock::time_point> heard_;
  Clock::time_point asked_{};
};

}  // namespace glow
