// Nccl: ranks that each have a GPU, and send from one GPU's memory to another's. Source: NCCL 2.28's
// documentation. Needs NCCL 2.14 or newer; CMake's GLOW_NCCL links it.
#pragma once

#include <memory>

#include <glow/ranks/cuda/gpu_ranks.hpp>
#include <glow/ranks/local_rank.hpp>
#include <glow/ranks/nccl_world.hpp>
#include <glow/ranks/rendezvous.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Processes with a GPU each, on one machine or several. A copy is the same rank. Making it sets the calling
/// thread's GPU, so it comes before all other use of the GPU. Data of the host go through the GPU. A verb
/// throws RankError where NCCL reports an error, or another rank does not do its part within the time-out;
/// then the rank has given up, and all further verbs throw.
class Nccl : public Communicator, private GpuRanks {
 public:
  /// A rank waits as long for others that are busy, such as rank 0 that writes a checkpoint.
  static constexpr std::chrono::milliseconds default_timeout = std::chrono::minutes(10);

  /// Rank `rank` of `size`, which use the id that one of them made with new_id(). Throws CudaError where GPU
  /// number `gpu` is not there, and RankError where not all ranks come.
  Nccl(const ncclUniqueId& id, int rank, int size, int gpu,
       std::chrono::milliseconds timeout = default_timeout)
      : world_(made(id, rank, size, gpu, timeout)) {}

  /// The ranks of another communicator, which gives them an id, and whose `abort` is called by this one's.
  /// The GPU is the rank's number among those of its machine, modulo the GPUs there.
  explicit Nccl(std::shared_ptr<Communicator> bootstrap, std::chrono::milliseconds timeout = default_timeout)
      : bootstrap_(std::move(bootstrap)) {
    const int gpu = local_rank(*bootstrap_) % std::max(1, gpus());
    ncclUniqueId id{};
    if (bootstrap_->rank() == 0) id = new_id();
    bootstrap_->broadcast(std::as_writable_bytes(std::span(&id, 1)));
    world_ = made(id, bootstrap_->rank(), bootstrap_->size(), gpu, timeout);
  }

  /// The rank that the environment says, see RankVariables; ranks meet at MASTER_ADDR and MASTER_PORT. Its
  /// GPU is number LOCAL_RANK. Throws RankError as rank_variables and rendezvous do, and for a LOCAL_RANK
  /// beyond the GPUs.
  static Nccl of_environment(std::chrono::milliseconds timeout = default_timeout) {
    const RankVariables me = rank_variables();
    const int there = gpus();
    require<RankError>(me.local_rank < there, "LOCAL_RANK is ", me.local_rank, ", but this machine has ",
                       there, " GPUs; start at most as many processes on it");
    ncclUniqueId id{};
    if (me.rank == 0) id = new_id();
    rendezvous(me, std::as_writable_bytes(std::span(&id, 1)));
    return {id, me.rank, me.size, me.local_rank, timeout};
  }

  /// An id for all ranks of a new Nccl.
  static ncclUniqueId new_id() {
    ncclUniqueId id;
    const ncclResult_t status = ncclGetUniqueId(&id);
    require<RankError>(status == ncclSuccess, "NCCL: making an id: ", ncclGetErrorString(status), ": ",
                       ncclGetLastError(nullptr));
    return id;
  }

  int rank() const override { return world_->rank(); }
  int size() const override { return world_->size(); }

  void gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    through_gpu("gather", mine, all, [&](std::byte* from, std::byte* to) {
      world_->group("gather", [&](ncclComm_t comm) {
        return ncclAllGather(from, to, mine.size(), ncclInt8, comm, world_->stream());
      });
    });
  }
  void broadcast(std::span<std::byte> data) override {
    through_gpu("broadcast", data, data, [&](std::byte* from, std::byte* to) {
      world_->group("broadcast", [&](ncclComm_t comm) {
        return ncclBroadcast(from, to, data.size(), ncclInt8, 0, comm, world_->stream());
      });
    });
  }
  void exchange(std::span<const std::byte> data, std::span<const std::size_t> bounds,
                std::span<std::byte> received) override {
    through_gpu("exchange", data, received,
                [&](std::byte* from, std::byte* to) { exchange(from, bounds, to, world_->stream()); });
  }
  void share(std::span<std::byte> data, std::span<const std::size_t> bounds) override {
    through_gpu("share", data, data, [&](std::byte* from, std::byte* to) {
      copy(to, from, data.size(), cudaMemcpyDeviceToDevice);
      share(to, bounds, world_->stream());
    });
  }

  GpuRanks* on_gpu() override { return this; }

  void abort(int status) override {
    world_->give_up(join("it was told to end with status ", status));
    if (bootstrap_ != nullptr) bootstrap_->abort(status);
  }

 private:
  static int gpus() {
    int count = 0;
    cuda::check(cudaGetDeviceCount(&count), "counting GPUs, of which each rank of NCCL needs one");
    return count;
  }

  static std::shared_ptr<detail::NcclWorld> made(const ncclUniqueId& id, int rank, int size, int gpu,
                                                 std::chrono::milliseconds timeout) {
    cuda::check(cudaSetDevice(gpu), join("using GPU ", gpu));
    return std::make_shared<detail::NcclWorld>(id, rank, size, gpu, timeout);
  }

  // Of memory of the GPU.
  void exchange(const std::byte* data, std::span<const std::size_t> bounds, std::byte* received,
                cudaStream_t stream) override {
    const auto mine = static_cast<std::size_t>(rank()), piece = bounds[mine + 1] - bounds[mine];
    world_->group("exchange", [&](ncclComm_t comm) {
      ncclResult_t status = ncclSuccess;
      for (std::size_t r = 0; r + 1 < bounds.size() && is_well(status); ++r) {
        const std::size_t n = bounds[r + 1] - bounds[r];
        if (r == mine) continue;
        if (n > 0) status = ncclSend(data + bounds[r], n, ncclInt8, static_cast<int>(r), comm, stream);
        if (piece > 0 && is_well(status))
          status = ncclRecv(received + r * piece, piece, ncclInt8, static_cast<int>(r), comm, stream);
      }
      return status;
    });
    if (piece == 0) return;
    cuda::check(cudaMemcpyAsync(received + mine * piece, data + bounds[mine], piece, cudaMemcpyDeviceToDevice,
                                stream),
                "copying a rank's own piece");
  }
  void share(std::byte* data, std::span<const std::size_t> bounds, cudaStream_t stream) override {
    world_->group("share", [&](ncclComm_t comm) {
      ncclResult_t status = ncclSuccess;
      for (std::size_t r = 0; r + 1 < bounds.size() && is_well(status); ++r) {
        const std::size_t n = bounds[r + 1] - bounds[r];
        std::byte* const at = data + bounds[r];
        if (n > 0) status = ncclBroadcast(at, at, n, ncclInt8, static_cast<int>(r), comm, stream);
      }
      return status;
    });
  }
  void wait(cudaStream_t stream) override { world_->wait(stream, "sum"); }

  static bool is_well(ncclResult_t status) { return status == ncclSuccess || status == ncclInProgress; }

  // Calls work(from, to) with copies of data and of room for `result` on the GPU, and copies that back.
  template <class Work>
  void through_gpu(const char* what, std::span<const std::byte> data, std::span<std::byte> result,
                   Work work) {
    // A rank that receives nothing may have to send.
    std::byte* const from = world_->first.of_size(std::max<std::size_t>(data.size(), 1));
    std::byte* const to = world_->second.of_size(std::max<std::size_t>(result.size(), 1));
    copy(from, data.data(), data.size(), cudaMemcpyHostToDevice);
    work(from, to);
    // A copy to the host would wait without end for a rank that does not answer.
    world_->wait(world_->stream(), what);
    copy(result.data(), to, result.size(), cudaMemcpyDeviceToHost);
    world_->wait(world_->stream(), what);
  }

  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) const {
    cuda::check(cudaMemcpyAsync(to, from, bytes, kind, world_->stream()), "copying what ranks say");
  }

  std::shared_ptr<Communicator> bootstrap_;
  std::shared_ptr<detail::NcclWorld> world_;
};

}  // namespace glow
