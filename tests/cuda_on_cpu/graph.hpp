// Graphs: what streams would have queued, kept to be done again and again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <cuda_runtime_api.h>

#include "stream.hpp"

struct CUgraph_st {
  struct Branch {      // of a stream that records
    int recorded = 0;  // pieces of work, and the entry itself
    int awaited = 0;   // of them, those that another stream waits for
  };
  std::vector<std::function<void()>> work;  // in the order of the calls, which every dependency follows
  std::uint64_t number = 0;                 // of the recording: addresses come again
  CUstream_st* origin = nullptr;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  bool is_void = false;
  std::map<CUstream_st*, Branch> branches;
};

struct CUgraphExec_st {
  std::vector<std::function<void()>> work;
};

namespace glow::cuda_on_cpu {

/// Adds work of a stream that records.
cudaError_t record(CUstream_st& stream, std::function<void()> work);

/// A stream that waits for a recorded event records from then on too.
void join_capture(CUstream_st& stream, CUgraph_st& graph, CUstream_st& from, int recorded);

/// Makes the recording void that a call has disturbed.
cudaError_t void_capture(CUgraph_st& graph, cudaError_t error);

/// The recording in progress that no other work may disturb; null if there is none.
CUgraph_st* strict_capture();
CUgraph_st* find_capture(std::uint64_t number);

}  // namespace glow::cuda_on_cpu
