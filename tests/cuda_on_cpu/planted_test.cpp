// Bugs that an order of threads, or the scheduler itself, shows.
#include "planted.hpp"

#include <algorithm>
#include <string>

#include <glow/core/error.hpp>

#include "../catch.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::cuda_on_cpu;
using test_kernels::Bug;

namespace {

// Among the 20 random orders, how many show the bug.
int random_orders_that_show(Bug bug) {
  const auto orders = all_orders();
  return static_cast<int>(std::count_if(orders.begin() + 2, orders.end(), [&](const Settings& s) {
    const WithSettings with(s);
    return !is_right(bug);
  }));
}

bool shows(Bug bug, Order order) {
  Settings s = settings();
  s.order = order;
  const WithSettings with(s);
  return !is_right(bug);
}

// What the scheduler says of a kernel that it gives up.
std::string report_of(Bug bug, Settings s) {
  s.lazy_streams = false;  // the launch itself reports
  const WithSettings with(s);
  REQUIRE_THROWS_AS(is_right(bug), CudaError);
  CHECK(cudaDeviceSynchronize() == cudaErrorLaunchFailure);
  const std::string report = last_report();
  reset_device();
  CHECK(is_right(Bug::none));
  return report;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("cuda_on_cpu: a missing barrier in a reduction shows in random orders", "[cuda_on_cpu]") {
  CHECK(random_orders_that_show(Bug::no_barrier_in_reduction) == 20);
}

TEST_CASE("cuda_on_cpu: a missing barrier after a tile load shows in all orders", "[cuda_on_cpu]") {
  CHECK(shows(Bug::no_barrier_after_load, Order::forward));
  CHECK(shows(Bug::no_barrier_after_load, Order::reverse));
  CHECK(random_orders_that_show(Bug::no_barrier_after_load) == 20);
}

TEST_CASE("cuda_on_cpu: a missing barrier before a tile is loaded anew shows", "[cuda_on_cpu]") {
  CHECK(random_orders_that_show(Bug::no_trailing_barrier) > 0);
  CHECK(random_orders_that_show(Bug::copy_over_a_tile_in_use) == 20);
}

TEST_CASE("cuda_on_cpu: a missing wait for cp.async shows in all orders", "[cuda_on_cpu]") {
  CHECK(shows(Bug::no_wait_for_copy, Order::forward));
  CHECK(shows(Bug::no_wait_for_copy, Order::reverse));
  CHECK(random_orders_that_show(Bug::no_wait_for_copy) == 20);
}

TEST_CASE("cuda_on_cpu: barriers that cannot be right are reported with file and line", "[cuda_on_cpu]") {
  for (const Settings& s : all_orders()) {
    const std::string different = report_of(Bug::different_barriers, s);
    CHECK(has(different, "kernel doomed, block (0, 0, 0): different barriers meet"));
    CHECK(has(different, "16 threads in __syncthreads at "));
    CHECK(has(different, "doomed.cu:11"));
    CHECK(has(different, "doomed.cu:13"));

    const std::string deadlock = report_of(Bug::deadlock, s);
    CHECK(has(deadlock, "deadlock"));
    CHECK(has(deadlock, "3 threads in __syncwarp at "));
    CHECK(has(deadlock, "29 threads in __syncthreads at "));

    CHECK(has(report_of(Bug::mask_without_caller, s), "__shfl_sync: the mask lacks the calling lane"));
    CHECK(has(report_of(Bug::too_much_shared_memory, s), "more than 48 KiB of static shared memory"));
  }
}
