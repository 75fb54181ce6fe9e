// NcclWorld: a communicator of NCCL, waited for with a time-out. Source: NCCL 2.28's documentation, "Creating
// a Communicator" and "Fault Tolerance" (a communicator that does not block, its asynchronous errors, its
// abortion).
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include <nccl.h>

#include <glow/core/cuda/buffer.hpp>
#include <glow/core/cuda/stream.hpp>
#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

/// What all copies of an Nccl share. Calls are made by one thread at a time.
class NcclWorld {
 public:
  using Clock = std::chrono::steady_clock;

  /// All ranks make it at the same time. Throws RankError where one of them does not come within `timeout`.
  NcclWorld(const ncclUniqueId& id, int rank, int size, int gpu, std::chrono::milliseconds timeout)
      : rank_(rank), size_(size), gpu_(gpu), timeout_(timeout) {
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    try {
      check(ncclCommInitRankConfig(&comm_, size, id, rank, &config), "start");
      settle("start");
    } catch (const RankError& e) {
      give_up(e.what());
      throw;
    }
  }
  NcclWorld(const NcclWorld&) = delete;
  NcclWorld& operator=(const NcclWorld&) = delete;
  ~NcclWorld() {
    if (comm_ == nullptr) return;
    try {
      cudaSetDevice(gpu_);
      timeout_ = std::min<std::chrono::milliseconds>(timeout_, std::chrono::seconds(10));
      check(ncclCommFinalize(comm_), "end");
      settle("end");
      ncclCommDestroy(comm_);
    } catch (const RankError&) {
      ncclCommAbort(comm_);  // the others are gone, and nobody is left to tell
    }
  }

  int rank() const { return rank_; }
  int size() const { return size_; }
  cudaStream_t stream() const { return stream_.stream(); }

  /// Queues what queue(comm) does on a stream, as one group of NCCL's calls; each returns a status, of which
  /// queue returns the first that is wrong. Returns when NCCL has taken it.
  template <class Queue>
  void group(const char* what, Queue queue) {
    guarded([&] {
      check(ncclGroupStart(), what);
      const ncclResult_t queued = queue(comm_);
      const ncclResult_t ended = ncclGroupEnd();
      check(queued, what);
      check(ended, what);
      settle(what);
    });
  }

  /// Returns when all work of a stream is done.
  void wait(cudaStream_t stream, const char* what) {
    guarded([&] {
      wait_until(what, [&] {
        const cudaError_t status = cudaStreamQuery(stream);
        if (status == cudaErrorNotReady) {
          cudaGetLastError();  // it is no error, and the next call shall not see it as one
          return false;
        }
        cuda::check(status, what);
        return true;
      });
    });
  }

  /// Ends the communicator as it is, so that no rank goes on with it.
  void give_up(const std::string& why) {
    if (comm_ == nullptr) return;
    ncclCommAbort(comm_);
    comm_ = nullptr;
    gave_up_ = why;
  }

  /// Host memory as it goes through the GPU.
  cuda::Buffer<std::byte> first, second;

 private:
  template <class Work>
  void guarded(Work work) {
    require<RankError>(comm_ != nullptr, "NCCL: this rank has given up: ", gave_up_);
    cuda::check(cudaSetDevice(gpu_), "using a GPU");  // it is the thread's
    try {
      work();
    } catch (const Error& e) {
      give_up(e.what());
      throw;
    }
  }

  void check(ncclResult_t status, const char* what) const {
    if (status == ncclSuccess || status == ncclInProgress) return;
    throw RankError(join("NCCL: rank ", rank_, ": ", what, ": ", ncclGetErrorString(status), ": ",
                         ncclGetLastError(comm_)));
  }

  // Whether NCCL has done the last call.
  bool settled(const char* what) const {
    ncclResult_t state = ncclSuccess;
    check(ncclCommGetAsyncError(comm_, &state), what);
    check(state, what);
    return state != ncclInProgress;
  }
  void settle(const char* what) {
    wait_until(what, [] { return true; });
  }

  // Waits for NCCL, and for done().
  template <class Done>
  void wait_until(const char* what, Done done) {
    const auto last = Clock::now() + timeout_;
    // Work of a millisecond is waited for at once; a longer wait leaves the core to others.
    constexpr int looks_before_sleep = 200;
    for (int looks = 0; !(settled(what) && done()); ++looks) {
      require<RankError>(Clock::now() < last, "NCCL: rank ", rank_, ": ", what,
                         ": another rank did not do its part within ",
                         static_cast<double>(timeout_.count()) / 1000, " s; this one gives up");
      if (looks < looks_before_sleep) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
  }

  int rank_, size_, gpu_;
  std::chrono::milliseconds timeout_;
  cuda::Stream stream_;
  ncclComm_t comm_ = nullptr;  // none: it gave up
  std::string gave_up_;
};

}  // namespace glow::detail
