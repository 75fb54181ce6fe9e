// Mpi: ranks that an MPI launcher started (mpirun, srun). Source: MPI: A Message-Passing Interface Standard,
// version 3.1, 2015. Needs an MPI library; CMake's GLOW_MPI links it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <mpi.h>

#include <glow/ranks/communicator.hpp>
#include <glow/ranks/roll_call.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// True in a process that an MPI launcher started, where Mpi has ranks. (Without, it is one rank.)
inline bool started_by_mpi() {
  for (const char* const name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

/// All processes of an MPI job. A copy is the same rank. While a rank waits, it looks every few seconds
/// whether all others are alive, and verbs throw RankError that names those which are not: within 20 s of a
/// process that was stopped or a machine that is gone. (A launcher itself ends a job one of whose processes
/// ends.) Ranks that are busy with other work answer, and are waited for.
class Mpi : public Communicator {
 public:
  /// Starts MPI, if nobody did; it ends with the last copy. Throws RankError for a library whose calls must
  /// all come from one thread.
  Mpi() : world_(std::make_shared<World>()) {}

  int rank() const override { return world_->rank; }
  int size() const override { return world_->size; }

  void gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    const int bytes = count(mine.size());
    world_->run("gather", [&](MPI_Comm c, MPI_Request* r) {
      return MPI_Iallgather(mine.data(), bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, c, r);
    });
  }
  void broadcast(std::span<std::byte> data) override {
    constexpr std::size_t most = std::size_t{1} << 30;
    for (std::size_t first = 0; first < data.size(); first += most) {
      const auto part = data.subspan(first, std::min(most, data.size() - first));
      world_->run("broadcast", [&](MPI_Comm c, MPI_Request* r) {
        return MPI_Ibcast(part.data(), count(part.size()), MPI_BYTE, 0, c, r);
      });
    }
  }
  void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                std::span<std::byte> received) override {
    const Pieces pieces(bounds);
    const auto mine = static_cast<std::size_t>(rank());
    const std::vector<int> counts(pieces.counts.size(), pieces.counts[mine]);
    std::vector<int> places;
    for (int r = 0; r < size(); ++r) places.push_back(r * pieces.counts[mine]);
    world_->run("exchange", [&](MPI_Comm c, MPI_Request* r) {
      return MPI_Ialltoallv(data.data(), pieces.counts.data(), pieces.places.data(), MPI_BYTE,
                            received.data(), counts.data(), places.data(), MPI_BYTE, c, r);
    });
  }
  void share(std::span<std::byte> data, std::span<const std::size_t> bounds) override {
    const Pieces pieces(bounds);
    world_->run("share", [&](MPI_Comm c, MPI_Request* r) {
      return MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data.data(), pieces.counts.data(),
                             pieces.places.data(), MPI_BYTE, c, r);
    });
  }

  void abort(int status) override {
    if (size() > 1) MPI_Abort(world_->comm, status);
  }

 private:
  // Pieces of data as MPI takes them.
  struct Pieces {
    explicit Pieces(std::span<const std::size_t> bounds) {
      for (std::size_t r = 0; r + 1 < bounds.size(); ++r) {
        counts.push_back(count(bounds[r + 1] - bounds[r]));
        places.push_back(count(bounds[r]));
      }
    }
    std::vector<int> counts, places;
  };

  static int count(std::size_t bytes) {
    require<RankError>(bytes <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "MPI: ", bytes,
                       " bytes are more than a message can have");
    return static_cast<int>(bytes);
  }

  static void check(int code, const char* what) {
    if (code == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(code, text, &length);
    throw RankError(join("MPI: ", what, ": ", std::string(text, static_cast<std::size_t>(length))));
  }

  // What all copies share. MPI is called by one thread at a time: who waits, or the watcher meanwhile.
  struct World {
    World() {
      int started = 0, level = 0;
      MPI_Initialized(&started);
      if (started == 0) {
        check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level), "start");
        ends_mpi = true;
      }
      MPI_Query_thread(&level);
      require<RankError>(level >= MPI_THREAD_SERIALIZED,
                         "MPI: it was started for calls of one thread alone; "
                         "start it with MPI_Init_thread and MPI_THREAD_SERIALIZED or more");
      check(MPI_Comm_dup(MPI_COMM_WORLD, &comm), "start");
      MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
      MPI_Comm_rank(comm, &rank);
      MPI_Comm_size(comm, &size);
      if (size == 1) return;
      roll_call.emplace(comm);
      watcher = std::thread([this] { watch(); });
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
      if (watcher.joinable()) {
        stopping = true;
        watcher.join();
      }
      roll_call.reset();
      if (broken) MPI_Abort(comm, 1);  // the others wait for what this rank will not do
      MPI_Comm_free(&comm);
      if (ends_mpi) MPI_Finalize();
    }

    // Starts a call and waits for its end.
    template <class Start>
    void run(const char* what, Start start) {
      const std::lock_guard<std::mutex> lock(mutex);
      try {
        MPI_Request request;
        check(start(comm, &request), what);
        wait(request, what);
      } catch (...) {
        broken = true;
        throw;
      }
    }

    void wait(MPI_Request& request, const char* what) {
      using Clock = std::chrono::steady_clock;
      const auto begin = Clock::now();
      for (int looks = 0;; ++looks) {
        int done = 0;
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), what);
        if (done != 0) return;
        // A message of another machine takes longer than this; those that compute need the core.
        constexpr int looks_before_sleep = 200;
        if (looks < looks_before_sleep) {
          std::this_thread::yield();
          continue;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(50));
        if (looks % 20 == 0 && roll_call) roll_call->wait_since(begin);
      }
    }

    // Answers for a rank that is busy.
    void watch() {
      while (!stopping) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (const std::unique_lock<std::mutex> lock(mutex, std::try_to_lock); lock) roll_call->answer();
      }
    }

    MPI_Comm comm = MPI_COMM_NULL;
    int rank = 0, size = 1;
    bool ends_mpi = false, broken = false;
    std::mutex mutex;
    std::optional<RollCall> roll_call;
    std::atomic<bool> stopping{false};
    std::thread watcher;
  };

  std::shared_ptr<World> world_;
};

}  // namespace glow
