// Streams: queues of work. Eager streams do each piece at once; lazy ones when someone waits for it, and then
// no more than what that wait promises, so that a missing synchronisation shows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include <cuda_runtime_api.h>

struct CUgraph_st;

struct CUstream_st {
  struct Work {
    std::uint64_t number = 0;  // of the call, over all streams
    std::function<void()> run;
  };
  bool legacy = false;   // the default stream: waits for all blocking streams, and they for it
  bool blocking = true;  // not made with cudaStreamNonBlocking
  unsigned flags = 0;
  int priority = 0;
  std::deque<Work> queue;
  CUgraph_st* capture = nullptr;  // the graph that takes the work in place of the queue
};

namespace glow::cuda_on_cpu {

/// A place in a stream's queue.
struct Record {
  CUstream_st* stream = nullptr;
  std::uint64_t number = 0;
  bool done = false;
  double milliseconds = 0;
};

/// The stream of a handle (of the default stream for 0); null if there is none such.
CUstream_st* find_stream(cudaStream_t handle);

bool is_capturing(cudaStream_t handle);

/// Puts work into the stream, or into the graph that it records.
cudaError_t enqueue(cudaStream_t handle, std::function<void()> work);

/// Does what is queued: up to one record, in one stream, in all.
void run_until(CUstream_st& stream, std::uint64_t number);
cudaError_t finish(cudaStream_t handle);
cudaError_t finish_all();
void drop_all_work();

/// The number that the next piece of work gets.
std::uint64_t next_number();

}  // namespace glow::cuda_on_cpu
