// The fake NCCL, whose ranks are communicators of one process here, and what it refuses.
#include <chrono>
#include <thread>
#include <vector>

#include <cuda_runtime_api.h>
#include <nccl.h>

#include "../catch.hpp"

namespace {

ncclResult_t settled(ncclComm_t comm) {
  ncclResult_t state = ncclInProgress;
  for (int i = 0; i < 100000 && state == ncclInProgress; ++i) {
    ncclCommGetAsyncError(comm, &state);
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return state;
}

ncclComm_t begun(const ncclUniqueId& id, int rank, int size) {
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  ncclComm_t comm = nullptr;
  REQUIRE(ncclCommInitRankConfig(&comm, size, id, rank, &config) == ncclInProgress);
  return comm;
}

// Two ranks with a buffer each.
struct TwoRanks {
  static constexpr std::size_t bytes = 200001;  // more than a mailbox takes
  std::vector<ncclComm_t> comms;
  std::vector<char*> data;

  TwoRanks() {
    ncclUniqueId id;
    REQUIRE(ncclGetUniqueId(&id) == ncclSuccess);
    for (int r = 0; r < 2; ++r) {
      comms.push_back(begun(id, r, 2));
      data.push_back(nullptr);
      REQUIRE(cudaMalloc(reinterpret_cast<void**>(&data.back()), bytes) == cudaSuccess);
      REQUIRE(cudaMemset(data.back(), r + 1, bytes) == cudaSuccess);
    }
    for (const ncclComm_t c : comms) REQUIRE(settled(c) == ncclSuccess);
  }
  ~TwoRanks() {
    for (const ncclComm_t c : comms) ncclCommDestroy(c);
    for (char* p : data) cudaFree(p);
  }
  TwoRanks(const TwoRanks&) = delete;
  TwoRanks& operator=(const TwoRanks&) = delete;

  std::vector<char> on_host(std::size_t rank) const {
    std::vector<char> x(bytes);
    REQUIRE(cudaMemcpy(x.data(), data[rank], bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
    return x;
  }
};

}  // namespace

TEST_CASE("cuda_on_cpu: NCCL sends and receives in one group, after the work of its stream",
          "[cuda_on_cpu]") {
  const TwoRanks two;
  constexpr std::size_t part = TwoRanks::bytes / 2;
  cudaStream_t stream;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  REQUIRE(cudaMemsetAsync(two.data[0], 7, part, stream) == cudaSuccess);
  for (int r = 0; r < 2; ++r) {
    const auto i = static_cast<std::size_t>(r);
    REQUIRE(ncclGroupStart() == ncclSuccess);
    CHECK(ncclSend(two.data[i], part, ncclInt8, 1 - r, two.comms[i], stream) == ncclSuccess);
    CHECK(ncclRecv(two.data[i] + part, part, ncclInt8, 1 - r, two.comms[i], stream) == ncclSuccess);
    CHECK(ncclGroupEnd() == ncclInProgress);
  }
  for (const ncclComm_t c : two.comms) CHECK(settled(c) == ncclSuccess);
  CHECK(two.on_host(0)[part] == 2);
  CHECK(two.on_host(0)[2 * part - 1] == 2);
  CHECK(two.on_host(1)[part] == 7);
  CHECK(two.on_host(1)[2 * part - 1] == 7);
  cudaStreamDestroy(stream);
}

TEST_CASE("cuda_on_cpu: NCCL refuses what a device's would, and what is not known here", "[cuda_on_cpu]") {
  const TwoRanks two;
  const ncclComm_t c = two.comms[0];
  std::vector<char> on_host(10);
  CHECK(ncclSend(on_host.data(), 10, ncclInt8, 1, c, nullptr) == ncclInvalidArgument);
  CHECK(ncclSend(two.data[0], TwoRanks::bytes + 1, ncclInt8, 1, c, nullptr) == ncclInvalidArgument);
  CHECK(ncclSend(two.data[0], 10, ncclInt8, 2, c, nullptr) == ncclInvalidArgument);
  CHECK(ncclSend(two.data[0], 10, ncclFloat32, 1, c, nullptr) == ncclInvalidArgument);
  ncclComm_t blocking = nullptr;
  CHECK(ncclCommInitRankConfig(&blocking, 1, ncclUniqueId{}, 0, nullptr) == ncclInvalidUsage);
  // A receive that waits for its send, and another call meanwhile.
  CHECK(ncclRecv(two.data[0], 10, ncclInt8, 1, c, nullptr) == ncclInProgress);
  CHECK(ncclRecv(two.data[0], 10, ncclInt8, 1, c, nullptr) == ncclInvalidUsage);
  CHECK(ncclSend(two.data[1], 11, ncclInt8, 0, two.comms[1], nullptr) == ncclInProgress);
  CHECK(settled(c) == ncclRemoteError);
  CHECK(std::string(ncclGetLastError(c)) == "a send and its receive have different sizes");
}

TEST_CASE("cuda_on_cpu: NCCL refuses a rank that is there twice, and ranks that differ in their number",
          "[cuda_on_cpu]") {
  ncclUniqueId id;
  REQUIRE(ncclGetUniqueId(&id) == ncclSuccess);
  const ncclComm_t first = begun(id, 0, 2), second = begun(id, 0, 2);
  ncclResult_t a = ncclInProgress, b = ncclInProgress;
  for (int i = 0; i < 10000 && a == ncclInProgress && b == ncclInProgress; ++i) {
    ncclCommGetAsyncError(first, &a);
    ncclCommGetAsyncError(second, &b);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  CHECK((a == ncclInvalidUsage) != (b == ncclInvalidUsage));
  const ncclComm_t other = begun(id, 1, 3);
  CHECK(settled(other) == ncclInvalidUsage);
  for (const ncclComm_t c : {first, second, other}) ncclCommAbort(c);
}
