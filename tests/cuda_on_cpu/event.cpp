// Events: places in a stream's queue.
#include <chrono>
#include <memory>

#include <cuda_runtime_api.h>

#include "graph.hpp"
#include "runtime.hpp"
#include "stream.hpp"

struct CUevent_st {
  bool timed = true;
  std::shared_ptr<glow::cuda_on_cpu::Record> record;  // of the last cudaEventRecord
  std::uint64_t capture = 0;                          // the recording that this was in
  CUstream_st* recorded_on = nullptr;
  int recorded = 0;
};

using namespace glow::cuda_on_cpu;

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  GLOW_RUNTIME_CALL();
  *event = new CUevent_st;
  (*event)->timed = (flags & cudaEventDisableTiming) == 0;
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  GLOW_RUNTIME_CALL();
  if (event == nullptr) return note(cudaErrorInvalidResourceHandle);
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  CUstream_st* s = find_stream(stream);
  if (s == nullptr || event == nullptr) return note(cudaErrorInvalidResourceHandle);
  event->capture = s->capture != nullptr ? s->capture->number : 0;
  event->recorded_on = s;
  if (s->capture != nullptr) {
    event->record.reset();
    event->recorded = s->capture->branches[s].recorded;
    return cudaSuccess;
  }
  const auto record = std::make_shared<Record>();
  record->stream = s;
  const cudaError_t error = enqueue(stream, [record] {
    record->done = true;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    record->milliseconds = std::chrono::duration<double, std::milli>(now).count();
  });
  if (!s->queue.empty()) record->number = s->queue.back().number;
  event->record = record;
  return error;
}

cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned) {
  return cudaEventRecord(event, stream);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  GLOW_RUNTIME_CALL();
  CUstream_st* s = find_stream(stream);
  if (s == nullptr || event == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (CUgraph_st* g = find_capture(event->capture); g != nullptr) {
    if (s->capture != nullptr && s->capture != g) return note(cudaErrorStreamCaptureMerge);
    join_capture(*s, *g, *event->recorded_on, event->recorded);
    return cudaSuccess;
  }
  if (s->capture != nullptr) return void_capture(*s->capture, cudaErrorStreamCaptureIsolation);
  if (event->record == nullptr || event->record->done) return cudaSuccess;
  return enqueue(stream, [record = event->record] {
    if (!record->done) run_until(*record->stream, record->number);
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  GLOW_RUNTIME_CALL();
  if (event == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (CUgraph_st* g = find_capture(event->capture); g != nullptr)
    return void_capture(*g, cudaErrorCapturedEvent);
  if (event->record != nullptr && !event->record->done)
    run_until(*event->record->stream, event->record->number);
  return note(device_state());
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  GLOW_RUNTIME_CALL();
  if (event == nullptr) return note(cudaErrorInvalidResourceHandle);
  if (event->record == nullptr || event->record->done) return cudaSuccess;
  const cudaError_t error = cudaEventSynchronize(event);  // so that asking again ends
  return error == cudaSuccess ? cudaErrorNotReady : error;
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  GLOW_RUNTIME_CALL();
  if (start == nullptr || end == nullptr || !start->timed || !end->timed || start->record == nullptr ||
      end->record == nullptr) {
    return note(cudaErrorInvalidResourceHandle);
  }
  if (!start->record->done || !end->record->done) return note(cudaErrorNotReady);
  *milliseconds = static_cast<float>(end->record->milliseconds - start->record->milliseconds);
  return cudaSuccess;
}
