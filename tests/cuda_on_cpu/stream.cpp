#include "stream.hpp"

#include <chrono>
#include <limits>
#include <set>

#include "graph.hpp"
#include "memory.hpp"
#include "runtime.hpp"
#include "settings.hpp"

namespace glow::cuda_on_cpu {

namespace {

constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();

struct Streams {
  CUstream_st legacy;
  CUstream_st per_thread;  // one for all threads
  std::set<CUstream_st*> made;
  std::uint64_t last_number = 0;

  Streams() { legacy.legacy = true; }

  template <class F>
  void each(F f) {
    f(legacy);
    f(per_thread);
    for (CUstream_st* s : made) f(*s);
  }
};

Streams& streams() {
  static Streams& s = *new Streams;
  return s;
}

}  // namespace

CUstream_st* find_stream(cudaStream_t handle) {
  Streams& all = streams();
  if (handle == nullptr || handle == cudaStreamLegacy) return &all.legacy;
  if (handle == cudaStreamPerThread) return &all.per_thread;
  return all.made.count(handle) > 0 ? handle : nullptr;
}

bool is_capturing(cudaStream_t handle) {
  const CUstream_st* s = find_stream(handle);
  return s != nullptr && s->capture != nullptr;
}

std::uint64_t next_number() { return ++streams().last_number; }

cudaError_t enqueue(cudaStream_t handle, std::function<void()> work) {
  CUstream_st* s = find_stream(handle);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (s->capture != nullptr) return record(*s, std::move(work));
  if (CUgraph_st* g = strict_capture(); g != nullptr && s->legacy && g->origin->blocking) {
    return void_capture(*g, cudaErrorStreamCaptureImplicit);
  }
  s->queue.push_back({next_number(), std::move(work)});
  return settings().lazy_streams ? cudaSuccess : finish(handle);
}

// What comes before a piece of the default stream in the blocking streams is done before it, and the other
// way round. Numbers only fall on the way down, so this ends.
void run_until(CUstream_st& stream, std::uint64_t number) {
  while (!stream.queue.empty() && stream.queue.front().number <= number) {
    const CUstream_st::Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (stream.legacy) {
      streams().each([&](CUstream_st& other) {
        if (!other.legacy && other.blocking) run_until(other, work.number);
      });
    } else if (stream.blocking) {
      run_until(streams().legacy, work.number);
    }
    if (device_state() != cudaSuccess) return;  // nothing more runs on a device that broke
    const DeviceWorks open;
    work.run();
  }
  // The default stream's wait is one for all blocking streams, even when it has no work itself.
  if (stream.legacy && number == everything) {
    streams().each([](CUstream_st& other) {
      if (!other.legacy && other.blocking) run_until(other, everything);
    });
  }
}

cudaError_t finish(cudaStream_t handle) {
  CUstream_st* s = find_stream(handle);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  run_until(*s, everything);
  return note(device_state());
}

cudaError_t finish_all() {
  streams().each([](CUstream_st& s) { run_until(s, everything); });
  return note(device_state());
}

void drop_all_work() {
  streams().each([](CUstream_st& s) { s.queue.clear(); });
}

}  // namespace glow::cuda_on_cpu

using namespace glow::cuda_on_cpu;

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  GLOW_RUNTIME_CALL();
  *stream = new CUstream_st;
  (*stream)->flags = flags;
  (*stream)->blocking = (flags & cudaStreamNonBlocking) == 0;
  (*stream)->priority = priority;
  streams().made.insert(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithPriority(stream, 0, 0); }

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  if (streams().made.count(stream) == 0) return note(cudaErrorInvalidResourceHandle);
  const cudaError_t error = finish(stream);  // the real one's work too is done in the end
  streams().made.erase(stream);
  delete stream;
  return error;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  if (is_capturing(stream))
    return void_capture(*find_stream(stream)->capture, cudaErrorStreamCaptureUnsupported);
  if (find_stream(stream) == find_stream(nullptr)) {
    if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  }
  return finish(stream);
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  CUstream_st* s = find_stream(stream);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (s->capture != nullptr) return void_capture(*s->capture, cudaErrorStreamCaptureUnsupported);
  if (s->queue.empty()) return cudaSuccess;
  const cudaError_t error = finish(stream);  // so that asking again ends
  return error == cudaSuccess ? cudaErrorNotReady : error;
}

cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned* flags) {
  GLOW_RUNTIME_CALL();
  const CUstream_st* s = find_stream(stream);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  *flags = s->flags;
  return cudaSuccess;
}

cudaError_t cudaStreamGetPriority(cudaStream_t stream, int* priority) {
  GLOW_RUNTIME_CALL();
  const CUstream_st* s = find_stream(stream);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  *priority = s->priority;
  return cudaSuccess;
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  GLOW_RUNTIME_CALL();
  return enqueue(stream, [=] { function(data); });
}
