#include "graph.hpp"

#include <set>

#include "memory.hpp"
#include "runtime.hpp"

namespace glow::cuda_on_cpu {

namespace {

std::set<CUgraph_st*>& recordings() {
  static auto& all = *new std::set<CUgraph_st*>;
  return all;
}

}  // namespace

cudaError_t record(CUstream_st& stream, std::function<void()> work) {
  CUgraph_st& g = *stream.capture;
  if (g.is_void) return note(cudaErrorStreamCaptureInvalidated);
  g.work.push_back(std::move(work));
  ++g.branches[&stream].recorded;
  return cudaSuccess;
}

void join_capture(CUstream_st& stream, CUgraph_st& graph, CUstream_st& from, int recorded) {
  if (&stream == &from) return;
  CUgraph_st::Branch& branch = graph.branches[&from];
  if (recorded > branch.awaited) branch.awaited = recorded;
  if (stream.capture == nullptr) {
    stream.capture = &graph;
    graph.branches[&stream] = {};
  }
  ++graph.branches[&stream].recorded;  // the wait itself: it too must be waited for
}

cudaError_t void_capture(CUgraph_st& graph, cudaError_t error) {
  graph.is_void = true;
  graph.work.clear();
  return note(error);
}

CUgraph_st* strict_capture() {
  for (CUgraph_st* g : recordings()) {
    if (g->mode != cudaStreamCaptureModeRelaxed) return g;
  }
  return nullptr;
}

CUgraph_st* find_capture(std::uint64_t number) {
  for (CUgraph_st* g : recordings()) {
    if (g->number == number) return g;
  }
  return nullptr;
}

cudaError_t outside_capture() {
  CUgraph_st* g = strict_capture();
  if (g == nullptr) return cudaSuccess;
  complain("a call that must not be made while a stream records a graph: the recording is void");
  return void_capture(*g, cudaErrorStreamCaptureUnsupported);
}

}  // namespace glow::cuda_on_cpu

using namespace glow::cuda_on_cpu;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  GLOW_RUNTIME_CALL();
  CUstream_st* s = find_stream(stream);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (s->legacy) return note(cudaErrorStreamCaptureUnsupported);
  if (s->capture != nullptr) return note(cudaErrorIllegalState);
  auto* const graph = new CUgraph_st;
  graph->number = next_number();
  graph->origin = s;
  graph->mode = mode;
  graph->branches[s] = {};
  s->capture = graph;
  recordings().insert(graph);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  GLOW_RUNTIME_CALL();
  CUstream_st* s = find_stream(stream);
  *graph = nullptr;
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  CUgraph_st* const g = s->capture;
  if (g == nullptr) return note(cudaErrorIllegalState);
  if (g->origin != s) return void_capture(*g, cudaErrorStreamCaptureUnmatched);
  bool joined = true;
  for (const auto& [other, branch] : g->branches) {
    joined = joined && (other == s || branch.awaited == branch.recorded);
    other->capture = nullptr;
  }
  recordings().erase(g);
  if (!g->is_void && joined) {
    *graph = g;
    return cudaSuccess;
  }
  const cudaError_t error = g->is_void ? cudaErrorStreamCaptureInvalidated : cudaErrorStreamCaptureUnjoined;
  delete g;
  return note(error);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  GLOW_RUNTIME_CALL();
  const CUstream_st* s = find_stream(stream);
  if (s == nullptr) return note(cudaErrorInvalidResourceHandle);
  *status = s->capture == nullptr ? cudaStreamCaptureStatusNone
            : s->capture->is_void ? cudaStreamCaptureStatusInvalidated
                                  : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  GLOW_RUNTIME_CALL();
  *mode = cudaStreamCaptureModeGlobal;
  return cudaSuccess;
}

namespace {

cudaError_t instantiate(cudaGraphExec_t* executable, cudaGraph_t graph) {
  GLOW_RUNTIME_CALL();
  if (graph == nullptr) return note(cudaErrorInvalidValue);
  *executable = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}

}  // namespace

#if CUDART_VERSION >= 12000
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  return instantiate(executable, graph);
}
#else
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, cudaGraphNode_t*, char*,
                                 size_t) {
  return instantiate(executable, graph);
}
#endif

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                          unsigned long long) {
  return instantiate(executable, graph);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  if (executable == nullptr) return note(cudaErrorInvalidValue);
  if (is_capturing(stream)) return note(cudaErrorStreamCaptureUnsupported);
  // A copy: the executable may be destroyed before its work is done.
  return enqueue(stream, [work = executable->work] {
    for (const auto& piece : work) {
      if (device_state() == cudaSuccess) piece();
    }
  });
}

cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) {
  GLOW_RUNTIME_CALL();
  return cudaSuccess;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  GLOW_RUNTIME_CALL();
  if (graph == nullptr || nodes != nullptr) return note(cudaErrorInvalidValue);
  *count = graph->work.size();
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  GLOW_RUNTIME_CALL();
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  GLOW_RUNTIME_CALL();
  delete executable;
  return cudaSuccess;
}
