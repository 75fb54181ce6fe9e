// Products by wgmma of operands that bulk copies bring: right in every order, and what shows when a wait is
// missing.
#include <algorithm>
#include <string>
#include <vector>

#include <cuda_bf16.h>

#include <glow/core/error.hpp>

#include "../catch.hpp"
#include "kernels/test_kernels.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::cuda_on_cpu;
using test_kernels::Bug;

namespace {

constexpr std::size_t columns = 128, blocks = 5, depth = 64 * blocks;

// B [depth, columns] as wgmma takes it from shared memory, after the PTX ISA: blocks of 64 k; in a block, for
// each column, its 64 k one after the other; and the pieces of 16 bytes of column n exchanged by xor with n
// % 8.
std::vector<__nv_bfloat16> laid_out(const std::vector<float>& b) {
  std::vector<__nv_bfloat16> to(b.size());
  for (std::size_t k = 0; k < depth; ++k) {
    for (std::size_t n = 0; n < columns; ++n) {
      const std::size_t byte = k / 64 * 64 * columns * 2 + n * 128 + (k % 64 * 2 ^ n % 8 << 4);
      to[byte / 2] = __float2bfloat16(b[k * columns + n]);
    }
  }
  return to;
}

bool multiplies(Bug bug, unsigned cluster = 1) {
  constexpr unsigned clusters = 2;
  const std::size_t rows = 64 * clusters * cluster;
  const auto a = numbers(rows * depth, 1), b = numbers(depth * columns, 2);
  std::vector<float> right(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < depth; ++k) {
      for (std::size_t j = 0; j < columns; ++j)
        right[i * columns + j] += a[i * depth + k] * b[k * columns + j];
    }
  }
  std::vector<__nv_bfloat16> a16(a.size());
  std::transform(a.begin(), a.end(), a16.begin(), [](float v) { return __float2bfloat16(v); });
  const DeviceVector<__nv_bfloat16> da(a16), db(laid_out(b));
  const DeviceVector<float> c(right.size());
  test_kernels::warpgroup_gemm(da.data(), reinterpret_cast<const unsigned char*>(db.data()), c.data(), blocks,
                               clusters, cluster, nullptr, bug);
  return c.host() == right;
}

// Of the 22 orders, in how many the numbers are wrong or the launch fails.
int orders_that_show(Bug bug, unsigned cluster = 1) {
  const auto orders = all_orders();
  return static_cast<int>(std::count_if(orders.begin(), orders.end(), [&](const Settings& s) {
    const WithSettings with(s);
    try {
      return !multiplies(bug, cluster);
    } catch (const CudaError&) {
      reset_device();
      return true;
    }
  }));
}

std::string report_of(Bug bug, unsigned cluster = 1) {
  Settings s = settings();
  s.lazy_streams = false;
  s.order = Order::forward;
  const WithSettings with(s);
  CHECK_THROWS_AS(multiplies(bug, cluster), CudaError);
  const std::string report = last_report();
  reset_device();
  return report;
}

}  // namespace

TEST_CASE("cuda_on_cpu: products by wgmma of operands that bulk copies bring", "[cuda_on_cpu]") {
  CHECK(orders_that_show(Bug::none) == 0);
}

TEST_CASE("cuda_on_cpu: missing waits for wgmma and bulk copies show", "[cuda_on_cpu]") {
  CHECK(orders_that_show(Bug::no_wait_for_bulk_copy) > 10);
  CHECK(orders_that_show(Bug::no_wait_for_wgmma) == 22);
  CHECK(orders_that_show(Bug::slot_given_back_early) > 0);
  CHECK(orders_that_show(Bug::no_named_barrier) > 0);
}

TEST_CASE("cuda_on_cpu: mbarriers that cannot be right are reported", "[cuda_on_cpu]") {
  const std::string deadlock = report_of(Bug::bytes_that_never_come);
  INFO(deadlock);
  CHECK(deadlock.find("deadlock") != std::string::npos);
  CHECK(deadlock.find("128 threads in mbarrier_wait at ") != std::string::npos);
  const std::string fresh = report_of(Bug::no_barrier_initialised);
  INFO(fresh);
  CHECK(fresh.find("the barrier is not initialised") != std::string::npos);
}

TEST_CASE("cuda_on_cpu: blocks of a cluster that send each other operands", "[cuda_on_cpu]") {
  for (const unsigned cluster : {2u, 4u}) CHECK(orders_that_show(Bug::none, cluster) == 0);
  CHECK(orders_that_show(Bug::slot_given_back_in_one_block, 2) > 0);
  CHECK(orders_that_show(Bug::no_cluster_sync, 2) > 0);
}

TEST_CASE("cuda_on_cpu: blocks of a cluster that begin or end without one another are reported",
          "[cuda_on_cpu]") {
  const std::string early = report_of(Bug::no_cluster_sync, 2);
  INFO(early);
  CHECK(early.find("the other block has not come to this declaration") != std::string::npos);
  const std::string late = report_of(Bug::block_ends_early, 2);
  INFO(late);
  CHECK(late.find("the other block has ended") != std::string::npos);
}

TEST_CASE("cuda_on_cpu: clusters that cannot be are refused", "[cuda_on_cpu]") {
  CHECK_THROWS_AS(multiplies(Bug::none, 7), CudaError);  // more than 1024 threads
  cudaGetLastError();
  Settings s = settings();
  s.capability = 80;
  const WithSettings with(s);
  CHECK_THROWS_AS(multiplies(Bug::none, 2), CudaError);
}
