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

// What is said of a launch that fails, in the order given.
template <class Launch>
std::string report_of_launch(Launch launch, Settings s) {
  s.lazy_streams = false;
  const WithSettings with(s);
  CHECK_THROWS_AS(launch(), CudaError);
  const std::string report = last_report();
  reset_device();
  return report;
}

std::string report_of(Bug bug, unsigned cluster = 1, Order order = Order::forward) {
  Settings s = settings();
  s.order = order;
  return report_of_launch([&] { multiplies(bug, cluster); }, s);
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

// In all orders the launch fails with this report.
void check_reports(Bug bug, const std::string& part) {
  for (const Settings& s : all_orders()) {
    CHECK(has(report_of_launch([&] { multiplies(bug); }, s), part));
  }
}

bool shares_registers(Bug bug) {
  const DeviceVector<float> y(384);
  test_kernels::share_registers(y.data(), nullptr, bug);
  return y.host() == std::vector<float>(384, 1.0f);
}

// The blocks of a cluster of two in the order in which their threads came, twice.
std::vector<int> turns(Order order) {
  Settings s = settings();
  s.order = order;
  const WithSettings with(s);
  constexpr int threads = 64;
  const DeviceVector<int> came(std::vector<int>{0}), order_of_blocks(4 * threads);
  test_kernels::turns(order_of_blocks.data(), came.data(), threads, nullptr);
  return order_of_blocks.host();
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
  CHECK(has(deadlock, "deadlock"));
  CHECK(has(deadlock, "128 threads in mbarrier_wait at "));
  check_reports(Bug::no_barrier_initialised, "the barrier is not initialised");
  check_reports(Bug::misaligned_barrier, "mbarrier_init: the barrier is not aligned to 8 bytes at ");
  check_reports(Bug::too_many_arrivals, "mbarrier_init: 1048576 arrivals cannot be counted");
  check_reports(Bug::too_many_bytes,
                "mbarrier_arrive_expect_bytes: 1048576 bytes are more than a barrier counts, 1048575 at ");
  CHECK(has(report_of(Bug::bytes_nobody_expects),
            "a bulk copy ends at no barrier, or with more bytes than that counts"));
}

TEST_CASE("cuda_on_cpu: warps and lanes that differ in a product are reported", "[cuda_on_cpu]") {
  check_reports(Bug::a_warp_with_other_operands, "the warps of a warpgroup differ in a product at ");
  check_reports(Bug::a_lane_with_other_operands, "differ in a product at ");
  check_reports(Bug::reserved_descriptor_bits, "reserved bits of a descriptor are set at ");
  check_reports(Bug::a_warp_without_product, "a thread has ended without a product of its warpgroup");
  check_reports(Bug::no_wgmma_fence, "there is no wgmma_fence before the first product at ");
}

TEST_CASE("cuda_on_cpu: stores that tensor cores or bulk copies meet without a proxy fence are reported",
          "[cuda_on_cpu]") {
  const std::string report = "shared memory was stored to without fence_async_proxy";
  check_reports(Bug::no_proxy_fence, "wgmma_m64k16_bf16: " + report);
  check_reports(Bug::stores_before_bulk_copy, "bulk_copy_multicast: " + report);
  CHECK(orders_that_show(Bug::proxy_fence_by_one_lane) > 11);
}

TEST_CASE("cuda_on_cpu: warpgroups share a block's registers", "[cuda_on_cpu]") {
  for (const Settings& s : all_orders()) {
    const WithSettings with(s);
    CHECK(shares_registers(Bug::none));
    const auto report = [&](Bug bug) { return report_of_launch([&] { shares_registers(bug); }, s); };
    const std::string deadlock = report(Bug::more_registers_than_there_are);
    CHECK(has(deadlock, "deadlock"));
    CHECK(has(deadlock, "grow_registers at "));
    CHECK(has(report(Bug::a_warp_keeps_its_registers), "shrink_registers"));
    CHECK(has(report(Bug::registers_grow_to_fewer),
              "grow_registers: 160 registers are fewer than the 168 that a thread has at "));
  }
}

TEST_CASE("cuda_on_cpu: the blocks of a cluster take turns, or one leads", "[cuda_on_cpu]") {
  const std::vector<int> alternating = turns(Order::forward), led = turns(Order::reverse);
  for (std::size_t i = 0; i < alternating.size(); ++i) {
    CHECK(alternating[i] == static_cast<int>(i % 2));
    CHECK(led[i] == (i < led.size() / 2 ? 1 : 0));
  }
}

TEST_CASE("cuda_on_cpu: blocks of a cluster that send each other operands", "[cuda_on_cpu]") {
  for (const unsigned cluster : {2u, 4u}) CHECK(orders_that_show(Bug::none, cluster) == 0);
  CHECK(orders_that_show(Bug::slot_given_back_in_one_block, 2) > 0);
  CHECK(orders_that_show(Bug::no_cluster_sync, 2) > 0);
}

TEST_CASE("cuda_on_cpu: blocks of a cluster that begin or end without one another are reported",
          "[cuda_on_cpu]") {
  CHECK(has(report_of(Bug::no_cluster_sync, 2, Order::reverse),
            "the other block has not come to this declaration"));
  CHECK(has(report_of(Bug::block_ends_early, 2, Order::reverse), "the other block has ended"));
  CHECK(has(report_of(Bug::no_such_block, 2), "the cluster has no block 2: it has 2"));
  CHECK(has(report_of(Bug::no_such_block, 1), "the cluster has no block 1: it has 1"));
}

TEST_CASE("cuda_on_cpu: clusters that cannot be are refused", "[cuda_on_cpu]") {
  CHECK_THROWS_AS(multiplies(Bug::none, 7), CudaError);  // more than 1024 threads
  cudaGetLastError();
  Settings s = settings();
  s.capability = 80;
  const WithSettings with(s);
  CHECK_THROWS_AS(multiplies(Bug::none, 2), CudaError);
}
