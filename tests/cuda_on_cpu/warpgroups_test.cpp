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

constexpr std::size_t rows = 64, columns = 128, blocks = 5, depth = 64 * blocks;

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

bool multiplies(Bug bug) {
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
                               nullptr, bug);
  return c.host() == right;
}

// Of the 22 orders, in how many the numbers are wrong or the launch fails.
int orders_that_show(Bug bug) {
  const auto orders = all_orders();
  return static_cast<int>(std::count_if(orders.begin(), orders.end(), [&](const Settings& s) {
    const WithSettings with(s);
    try {
      return !multiplies(bug);
    } catch (const CudaError&) {
      reset_device();
      return true;
    }
  }));
}

std::string report_of(Bug bug) {
  Settings s = settings();
  s.lazy_streams = false;
  const WithSettings with(s);
  CHECK_THROWS_AS(multiplies(bug), CudaError);
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
