// NCCL between processes of one machine, for communicators that do not block: a thread of each does its
// calls, while ncclCommGetAsyncError says that they are in progress. What was queued on the stream before is
// done first; what is queued there afterwards comes after the call, since it is queued when the call is done.
// Collectives are sends and receives.
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <nccl.h>
#include <unistd.h>

#include "mailboxes.hpp"
#include "memory.hpp"
#include "runtime.hpp"
#include "settings.hpp"

using namespace glow::cuda_on_cpu;

namespace nccl_stand_in {

struct Transfer {
  bool sends;
  int peer;
  char* data;
  std::size_t bytes, done = 0;
};

// One group of calls.
struct Group {
  std::vector<Transfer> transfers;
  cudaStream_t stream = nullptr;
};

}  // namespace nccl_stand_in

struct ncclComm {
  std::string name;
  int rank, size;
  std::unique_ptr<Mailboxes> boxes;
  std::mutex mutex;
  std::condition_variable changed;
  ncclResult_t state = ncclInProgress;  // below: under the mutex
  std::string error;
  std::unique_ptr<nccl_stand_in::Group> next;
  bool stopping = false;
  int groups = 0;
  std::thread worker;
};

namespace {

using nccl_stand_in::Group;
using nccl_stand_in::Transfer;

thread_local int depth = 0;
thread_local Group open_group;
thread_local ncclComm* comm_of_group = nullptr;

ncclResult_t refuse(ncclResult_t status, const std::string& why) {
  complain("NCCL: " + why);
  return status;
}

bool stops(ncclComm& c) {
  const std::lock_guard<std::mutex> lock(c.mutex);
  return c.stopping;
}

void pause() { std::this_thread::sleep_for(std::chrono::microseconds(20)); }

// The fault that a test asked for in this group: "silent", "error" or nothing.
std::string planted_fault(const ncclComm& c) {
  const std::string& asked = settings().nccl_fault;
  const std::string here = ":" + std::to_string(c.rank) + ":" + std::to_string(c.groups);
  const std::size_t kind = asked.find(':');
  return kind != std::string::npos && asked.substr(kind) == here ? asked.substr(0, kind) : "";
}

// Whether a part of the message could be moved.
bool move_part(Mailboxes& boxes, Transfer& t) {
  Mailbox& box = t.sends ? boxes.between(boxes.rank(), t.peer) : boxes.between(t.peer, boxes.rank());
  if ((box.full != 0) == t.sends) return false;
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  const DeviceWorks open;
  if (t.sends) {
    box.bytes = static_cast<std::uint32_t>(std::min(Mailbox::size, t.bytes - t.done));
    box.message = t.bytes;
    std::memcpy(box.data, t.data + t.done, box.bytes);
  } else {
    if (box.message != t.bytes) throw std::runtime_error("a send and its receive have different sizes");
    std::memcpy(t.data + t.done, box.data, box.bytes);
  }
  t.done += box.bytes;
  box.full = t.sends ? 1 : 0;
  return true;
}

// Messages between two ranks are moved one after another, in the order of their calls.
void move_all(ncclComm& c, std::vector<Transfer>& transfers) {
  for (;;) {
    bool moved = false, left = false;
    std::vector<char> busy(static_cast<std::size_t>(2 * c.size));
    for (Transfer& t : transfers) {
      char& before = busy[static_cast<std::size_t>(2 * t.peer + (t.sends ? 1 : 0))];
      if (t.done == t.bytes || before != 0) continue;
      before = 1;
      left = true;
      const bool has_left = c.boxes->has_left(t.peer);  // asked first: it may have sent before it left
      if (move_part(*c.boxes, t)) {
        moved = true;
      } else if (has_left) {
        throw std::runtime_error("rank " + std::to_string(t.peer) + " has left");
      }
    }
    if (!left || stops(c)) return;
    if (!moved) pause();
  }
}

void set_state(ncclComm& c, ncclResult_t state, const std::string& error = "") {
  const std::lock_guard<std::mutex> lock(c.mutex);
  c.state = state;
  c.error = error;
}

void run_group(ncclComm& c, Group& group) {
  ++c.groups;
  const std::string fault = planted_fault(c);
  while (fault == "silent" && !stops(c)) pause();
  if (fault == "error") return set_state(c, ncclSystemError, "a failure that was asked for");
  try {
    move_all(c, group.transfers);
    set_state(c, ncclSuccess);
  } catch (const std::runtime_error& e) {
    set_state(c, ncclRemoteError, e.what());
  }
}

void work(ncclComm& c) {
  try {
    c.boxes = std::make_unique<Mailboxes>(c.name, c.rank, c.size);
    while (!c.boxes->all_are_here() && !stops(c)) pause();
    set_state(c, ncclSuccess);
  } catch (const std::runtime_error& e) {
    set_state(c, ncclInvalidUsage, e.what());
  }
  std::unique_lock<std::mutex> lock(c.mutex);
  for (;;) {
    c.changed.wait(lock, [&] { return c.stopping || c.next != nullptr; });
    if (c.stopping) return;
    const std::unique_ptr<Group> group = std::move(c.next);
    lock.unlock();
    run_group(c, *group);
    lock.lock();
  }
}

ncclResult_t end_group() {
  ncclComm* const c = std::exchange(comm_of_group, nullptr);
  const Group group = std::exchange(open_group, {});
  if (c == nullptr) return ncclSuccess;
  if (cudaStreamSynchronize(group.stream) != cudaSuccess) return ncclUnhandledCudaError;
  const std::lock_guard<std::mutex> lock(c->mutex);
  if (c->state != ncclSuccess) return refuse(ncclInvalidUsage, "a call before the last one was done");
  c->state = ncclInProgress;
  c->next = std::make_unique<Group>(group);
  c->changed.notify_all();
  return ncclInProgress;
}

// A call with its sends and receives: alone it is a group.
ncclResult_t add(ncclComm* c, cudaStream_t stream, ncclDataType_t type,
                 const std::vector<Transfer>& transfers) {
  if (type != ncclInt8) return refuse(ncclInvalidArgument, "types other than ncclInt8 are not known here");
  for (const Transfer& t : transfers) {
    const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
    if (t.peer < 0 || t.peer >= c->size || !is_reachable(t.data, t.bytes))
      return refuse(ncclInvalidArgument,
                    "no such rank, or what is sent or received is not within the device's memory");
  }
  if (comm_of_group != nullptr && (comm_of_group != c || open_group.stream != stream))
    return refuse(ncclInvalidUsage, "groups of several communicators or streams are not known here");
  comm_of_group = c;
  open_group.stream = stream;
  for (const Transfer& t : transfers) {
    if (t.peer != c->rank && t.bytes > 0) open_group.transfers.push_back(t);
  }
  return depth > 0 ? ncclSuccess : end_group();
}

char* bytes_at(const void* p) { return const_cast<char*>(static_cast<const char*>(p)); }

}  // namespace

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  static int made = 0;
  *id = {};
  std::snprintf(id->internal, sizeof id->internal, "/glow_nccl_%d_%d", static_cast<int>(::getpid()), ++made);
  return ncclSuccess;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* comm, int size, ncclUniqueId id, int rank,
                                    ncclConfig_t* config) {
  if (config == nullptr || config->blocking != 0)
    return refuse(ncclInvalidUsage, "communicators that block are not known here");
  auto* const c = new ncclComm;
  c->name = id.internal;
  c->rank = rank;
  c->size = size;
  c->worker = std::thread([c] { work(*c); });
  *comm = c;
  return ncclInProgress;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* state) {
  const std::lock_guard<std::mutex> lock(comm->mutex);
  *state = comm->state;
  return ncclSuccess;
}

ncclResult_t ncclCommFinalize(ncclComm_t) { return ncclSuccess; }

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  {
    const std::lock_guard<std::mutex> lock(comm->mutex);
    comm->stopping = true;
  }
  comm->changed.notify_all();
  comm->worker.join();
  delete comm;
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t comm) { return ncclCommDestroy(comm); }

const char* ncclGetErrorString(ncclResult_t result) {
  static constexpr const char* texts[] = {"no error",
                                          "unhandled cuda error",
                                          "unhandled system error",
                                          "internal error",
                                          "invalid argument",
                                          "invalid usage",
                                          "remote process exited or there was a network error",
                                          "NCCL operation in progress"};
  return texts[result];
}

const char* ncclGetLastError(ncclComm_t comm) {
  static thread_local std::string words;
  if (comm == nullptr) return "";
  const std::lock_guard<std::mutex> lock(comm->mutex);
  words = comm->error;
  return words.c_str();
}

ncclResult_t ncclGroupStart() {
  ++depth;
  return ncclSuccess;
}

ncclResult_t ncclGroupEnd() { return --depth > 0 ? ncclSuccess : end_group(); }

ncclResult_t ncclSend(const void* data, size_t bytes, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return add(comm, stream, type, {{true, peer, bytes_at(data), bytes}});
}

ncclResult_t ncclRecv(void* data, size_t bytes, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return add(comm, stream, type, {{false, peer, bytes_at(data), bytes}});
}

ncclResult_t ncclAllGather(const void* mine, void* all, size_t bytes, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream) {
  std::vector<Transfer> transfers;
  for (int r = 0; r < comm->size; ++r) {
    transfers.push_back({true, r, bytes_at(mine), bytes});
    transfers.push_back({false, r, bytes_at(all) + static_cast<std::size_t>(r) * bytes, bytes});
  }
  cudaMemcpyAsync(bytes_at(all) + static_cast<std::size_t>(comm->rank) * bytes, mine, bytes,
                  cudaMemcpyDeviceToDevice, stream);
  return add(comm, stream, type, transfers);
}

ncclResult_t ncclBroadcast(const void* from, void* to, size_t bytes, ncclDataType_t type, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  std::vector<Transfer> transfers;
  if (comm->rank != root) {
    transfers.push_back({false, root, bytes_at(to), bytes});
  } else {
    for (int r = 0; r < comm->size; ++r) transfers.push_back({true, r, bytes_at(from), bytes});
    if (from != to) cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream);
  }
  return add(comm, stream, type, transfers);
}
