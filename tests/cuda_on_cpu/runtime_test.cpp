// The fake runtime: memory, streams, events, graphs, and the faults that tests ask for.
#include <cstring>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

#include <glow/core/error.hpp>

#include "../catch.hpp"
#include "kernels/test_kernels.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::cuda_on_cpu;

namespace {

constexpr int n = 512;

// A stream of its own for a test, and pinned memory.
struct Stream {
  cudaStream_t handle = nullptr;
  explicit Stream(unsigned flags = cudaStreamNonBlocking) {
    REQUIRE(cudaStreamCreateWithFlags(&handle, flags) == cudaSuccess);
  }
  ~Stream() { cudaStreamDestroy(handle); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

struct Pinned {
  float* data = nullptr;
  Pinned() {
    REQUIRE(cudaMallocHost(reinterpret_cast<void**>(&data), n * sizeof(float)) == cudaSuccess);
    std::memset(data, 0, n * sizeof(float));
  }
  ~Pinned() { cudaFreeHost(data); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  void download(const DeviceVector<float>& x, cudaStream_t stream) {
    REQUIRE(cudaMemcpyAsync(data, x.data(), n * sizeof(float), cudaMemcpyDeviceToHost, stream) ==
            cudaSuccess);
  }
};

WithSettings lazily() {
  Settings s = settings();
  s.lazy_streams = true;
  return WithSettings(s);
}

}  // namespace

TEST_CASE("cuda_on_cpu: memory is counted, checked and begins as NaN", "[cuda_on_cpu]") {
  const std::size_t before = bytes_in_use();
  {
    const DeviceVector<float> x(n);
    CHECK(bytes_in_use() == before + n * sizeof(float));
    const auto fresh = x.host();
    CHECK(fresh[0] != fresh[0]);
    std::vector<float> y(n + 1);
    CHECK(cudaMemcpy(y.data(), x.data(), (n + 1) * sizeof(float), cudaMemcpyDeviceToHost) ==
          cudaErrorInvalidValue);
    CHECK(cudaMemcpy(y.data(), x.data(), 4, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
    CHECK(cudaGetLastError() == cudaErrorInvalidValue);
    CHECK(cudaGetLastError() == cudaSuccess);
    CHECK(cudaFree(x.data() + 1) == cudaErrorInvalidValue);
    CHECK_THROWS_AS(test_kernels::copy(x.data(), y.data(), n, nullptr), CudaError);
  }
  CHECK(bytes_in_use() == before);
}

TEST_CASE("cuda_on_cpu: launches beyond the limits are refused", "[cuda_on_cpu]") {
  const DeviceVector<int> y(1 << 20);
  CHECK_THROWS_AS(test_kernels::coordinates(y.data(), dim3(1), dim3(1025), nullptr), CudaError);
  CHECK_THROWS_AS(test_kernels::coordinates(y.data(), dim3(1), dim3(1, 1, 65), nullptr), CudaError);
  CHECK_THROWS_AS(test_kernels::coordinates(y.data(), dim3(1, 65536), dim3(1), nullptr), CudaError);
  CHECK_THROWS_AS(test_kernels::coordinates(y.data(), dim3(0), dim3(1), nullptr), CudaError);
  std::string message;
  try {
    test_kernels::coordinates(y.data(), dim3(2), dim3(32, 64), nullptr);
  } catch (const CudaError& e) {
    message = e.what();
  }
  CHECK(message ==
        "coordinates: grid (2, 1, 1), block (32, 64, 1), 0 bytes of shared memory: invalid configuration "
        "argument");
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("cuda_on_cpu: static and dynamic shared memory count together", "[cuda_on_cpu]") {
  Settings s = settings();
  s.lazy_streams = false;
  const WithSettings with(s);
  const DeviceVector<float> y(1);
  const auto report = [&](auto launch, std::size_t bytes) {
    CHECK_THROWS_AS(launch(y.data(), bytes, nullptr), CudaError);
    const std::string text = last_report();
    reset_device();
    return text;
  };
  constexpr std::size_t fixed = 24 * 1024, rest = 48 * 1024 - fixed, device = 227 * 1024;
  test_kernels::static_and_dynamic(y.data(), rest, nullptr);
  test_kernels::static_and_aligned_dynamic(y.data(), rest, nullptr);
  const std::string too_much =
      "24576 bytes of static and 24592 of dynamic shared memory are more than 48 KiB";
  CHECK(report(test_kernels::static_and_dynamic, rest + 16).find(too_much) != std::string::npos);
  CHECK(report(test_kernels::static_and_aligned_dynamic, rest + 16).find(too_much) != std::string::npos);
  test_kernels::static_and_dynamic(y.data(), device - fixed, nullptr);
  CHECK(
      report(test_kernels::static_and_dynamic, device - fixed + 16)
          .find("24576 bytes of static and 207888 of dynamic shared memory are more than a block can have") !=
      std::string::npos);
}

TEST_CASE("cuda_on_cpu: faults that tests ask for", "[cuda_on_cpu]") {
  const Settings before = settings();
  SECTION("no device") {
    settings().devices = 0;
    int count = -1;
    void* p = nullptr;
    CHECK(cudaGetDeviceCount(&count) == cudaErrorNoDevice);
    CHECK(count == 0);
    CHECK(cudaMalloc(&p, 16) == cudaErrorNoDevice);
    CHECK(std::string(cudaGetErrorName(cudaErrorNoDevice)) == "cudaErrorNoDevice");
  }
  SECTION("out of memory") {
    settings().memory = bytes_in_use() + 1000;
    void* p = nullptr;
    void* q = nullptr;
    CHECK(cudaMalloc(&p, 800) == cudaSuccess);
    CHECK(cudaMalloc(&q, 300) == cudaErrorMemoryAllocation);
    CHECK(q == nullptr);
    std::size_t free = 0, total = 0;
    CHECK(cudaMemGetInfo(&free, &total) == cudaSuccess);
    CHECK(free == 200);
    CHECK(cudaFree(p) == cudaSuccess);
  }
  SECTION("a launch that fails stays failed") {
    const DeviceVector<float> x(numbers(n)), y(n);
    settings().launch_that_fails = 2;
    test_kernels::copy(x.data(), y.data(), n, nullptr);
    CHECK_THROWS_AS(test_kernels::copy(x.data(), y.data(), n, nullptr), CudaError);
    CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
    CHECK(cudaMemset(y.data(), 0, 4) == cudaErrorLaunchFailure);
    CHECK(last_report() == "cuda_on_cpu: copy: a failure that was asked for");
    reset_device();
    CHECK(cudaDeviceSynchronize() == cudaSuccess);
  }
  settings() = before;
  cudaGetLastError();
}

TEST_CASE("cuda_on_cpu: lazy streams show a missing synchronisation", "[cuda_on_cpu]") {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n);
  Pinned out;
  const Stream a, b;
  const auto lazy = lazily();
  test_kernels::copy(dx.data(), dy.data(), n, a.handle);

  SECTION("with the host") {
    out.download(dy, a.handle);
    CHECK(out.data[3] == 0.0f);
    CHECK(cudaStreamQuery(a.handle) == cudaErrorNotReady);
    REQUIRE(cudaStreamSynchronize(a.handle) == cudaSuccess);
    CHECK(std::vector<float>(out.data, out.data + n) == x);
  }
  SECTION("between streams") {
    out.download(dy, b.handle);
    REQUIRE(cudaStreamSynchronize(b.handle) == cudaSuccess);
    CHECK(out.data[3] != out.data[3]);  // b did not wait for a
  }
  SECTION("between streams, by an event") {
    cudaEvent_t event = nullptr;
    REQUIRE(cudaEventCreateWithFlags(&event, cudaEventDisableTiming) == cudaSuccess);
    REQUIRE(cudaEventRecord(event, a.handle) == cudaSuccess);
    REQUIRE(cudaStreamWaitEvent(b.handle, event, 0) == cudaSuccess);
    out.download(dy, b.handle);
    CHECK(cudaEventQuery(event) == cudaErrorNotReady);
    REQUIRE(cudaStreamSynchronize(b.handle) == cudaSuccess);
    CHECK(std::vector<float>(out.data, out.data + n) == x);
    CHECK(cudaEventDestroy(event) == cudaSuccess);
  }
  SECTION("the default stream does not wait for one made not to block") {
    out.download(dy, nullptr);
    REQUIRE(cudaStreamSynchronize(nullptr) == cudaSuccess);
    CHECK(out.data[3] != out.data[3]);
  }
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
}

TEST_CASE("cuda_on_cpu: the default stream and blocking streams wait for one another", "[cuda_on_cpu]") {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n), dz(n);
  Pinned out;
  const Stream a(cudaStreamDefault), b(cudaStreamDefault);
  const auto lazy = lazily();
  test_kernels::copy(dx.data(), dy.data(), n, a.handle);
  test_kernels::copy(dy.data(), dz.data(), n, nullptr);
  out.download(dz, b.handle);
  CHECK(out.data[3] == 0.0f);
  REQUIRE(cudaStreamSynchronize(b.handle) == cudaSuccess);
  CHECK(std::vector<float>(out.data, out.data + n) == x);
}

TEST_CASE("cuda_on_cpu: events measure time", "[cuda_on_cpu]") {
  const DeviceVector<float> x(numbers(n)), y(n);
  const Stream stream;
  cudaEvent_t start = nullptr, end = nullptr;
  REQUIRE(cudaEventCreate(&start) == cudaSuccess);
  REQUIRE(cudaEventCreate(&end) == cudaSuccess);
  REQUIRE(cudaEventRecord(start, stream.handle) == cudaSuccess);
  test_kernels::copy(x.data(), y.data(), n, stream.handle);
  REQUIRE(cudaEventRecord(end, stream.handle) == cudaSuccess);
  REQUIRE(cudaEventSynchronize(end) == cudaSuccess);
  float milliseconds = -1.0f;
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaSuccess);
  CHECK(milliseconds > 0.0f);
  cudaEventDestroy(start);
  cudaEventDestroy(end);
}

TEST_CASE("cuda_on_cpu: a graph of two streams is recorded, and done at each launch", "[cuda_on_cpu]") {
  for (const bool lazy : {false, true}) {
    Settings s = settings();
    s.lazy_streams = lazy;
    const WithSettings with(s);
    const auto x = numbers(n);
    const DeviceVector<float> dx(x), dy(n), sums(2);
    const Stream a, b;
    cudaEvent_t fork = nullptr, join = nullptr;
    cudaEventCreate(&fork);
    cudaEventCreate(&join);
    REQUIRE(cudaStreamBeginCapture(a.handle, cudaStreamCaptureModeGlobal) == cudaSuccess);
    test_kernels::copy(dx.data(), dy.data(), n, a.handle);
    REQUIRE(cudaEventRecord(fork, a.handle) == cudaSuccess);
    REQUIRE(cudaStreamWaitEvent(b.handle, fork, 0) == cudaSuccess);
    test_kernels::block_sums(dy.data(), sums.data(), n, b.handle);
    REQUIRE(cudaEventRecord(join, b.handle) == cudaSuccess);
    REQUIRE(cudaStreamWaitEvent(a.handle, join, 0) == cudaSuccess);
    cudaGraph_t graph = nullptr;
    REQUIRE(cudaStreamEndCapture(a.handle, &graph) == cudaSuccess);
    cudaGraphExec_t executable = nullptr;
    REQUIRE(cudaGraphInstantiate(&executable, graph, 0) == cudaSuccess);
    REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
    CHECK(sums.host()[0] != sums.host()[0]);  // nothing has run
    for (const float scale : {1.0f, 2.0f}) {
      auto scaled = x;
      float right = 0.0f;
      for (float& v : scaled) v *= scale;
      for (std::size_t i = 0; i < 256; ++i) right += scaled[i];
      cudaMemcpy(dx.data(), scaled.data(), n * sizeof(float), cudaMemcpyHostToDevice);
      REQUIRE(cudaGraphLaunch(executable, a.handle) == cudaSuccess);
      REQUIRE(cudaStreamSynchronize(a.handle) == cudaSuccess);
      CHECK(sums.host()[0] == right);
    }
    CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
    cudaEventDestroy(fork);
    cudaEventDestroy(join);
  }
}

TEST_CASE("cuda_on_cpu: what must not happen while a graph is recorded", "[cuda_on_cpu]") {
  const DeviceVector<float> x(numbers(n)), y(n);
  const Stream a, b;
  cudaGraph_t graph = nullptr;
  REQUIRE(cudaStreamBeginCapture(a.handle, cudaStreamCaptureModeGlobal) == cudaSuccess);
  cudaStreamCaptureStatus status{};
  CHECK(cudaStreamIsCapturing(a.handle, &status) == cudaSuccess);
  CHECK(status == cudaStreamCaptureStatusActive);
  cudaError_t expected = cudaErrorStreamCaptureInvalidated;
  SECTION("an allocation") {
    void* p = nullptr;
    CHECK(cudaMalloc(&p, 16) == cudaErrorStreamCaptureUnsupported);
  }
  SECTION("a synchronisation") {
    CHECK(cudaStreamSynchronize(a.handle) == cudaErrorStreamCaptureUnsupported);
  }
  SECTION("a wait for work outside") {
    cudaEvent_t event = nullptr;
    cudaEventCreate(&event);
    cudaEventRecord(event, b.handle);
    CHECK(cudaStreamWaitEvent(a.handle, event, 0) == cudaErrorStreamCaptureIsolation);
    cudaEventDestroy(event);
  }
  SECTION("a stream that is not joined again") {
    cudaEvent_t event = nullptr;
    cudaEventCreate(&event);
    cudaEventRecord(event, a.handle);
    CHECK(cudaStreamWaitEvent(b.handle, event, 0) == cudaSuccess);
    test_kernels::copy(x.data(), y.data(), n, b.handle);
    cudaEventDestroy(event);
    expected = cudaErrorStreamCaptureUnjoined;
  }
  CHECK(cudaStreamEndCapture(a.handle, &graph) == expected);
  CHECK(graph == nullptr);
  CHECK(cudaStreamIsCapturing(a.handle, &status) == cudaSuccess);
  CHECK(status == cudaStreamCaptureStatusNone);
  test_kernels::copy(x.data(), y.data(), n, a.handle);
  CHECK(cudaStreamSynchronize(a.handle) == cudaSuccess);
  CHECK(y.host() == x.host());
  cudaGetLastError();
}
