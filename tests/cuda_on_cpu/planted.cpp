#include "planted.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "support.hpp"

namespace glow::cuda_on_cpu {

using test_kernels::Bug;

namespace {

constexpr int n = 3 * 512;

std::vector<float> sums_of(const std::vector<float>& x, std::size_t each) {
  std::vector<float> sums(x.size() / each);
  for (std::size_t i = 0; i < x.size(); ++i) sums[i / each] += x[i];
  return sums;
}

bool copies(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n);
  test_kernels::copy(dx.data(), dy.data(), n, nullptr, bug);
  return dy.host() == x;
}

bool sums(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n / 256);
  test_kernels::block_sums(dx.data(), dy.data(), n, nullptr, bug);
  const bool right = dy.host() == sums_of(x, 256);
  test_kernels::warp_sums(dx.data(), dy.data(), n, nullptr);
  return right && dy.host() == sums_of(x, 256);
}

bool totals(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), partial(n / 256), total(1);
  const DeviceVector<unsigned> finished(std::vector<unsigned>{0});
  test_kernels::total(dx.data(), partial.data(), finished.data(), total.data(), n, nullptr, bug);
  return total.host()[0] == std::accumulate(x.begin(), x.end(), 0.0f);
}

bool counts(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x);
  const DeviceVector<int> count(std::vector<int>{0});
  test_kernels::count_positive(dx.data(), count.data(), n, nullptr, bug);
  return count.host()[0] == std::count_if(x.begin(), x.end(), [](float v) { return v > 0; });
}

bool multiplies(Bug bug) {
  constexpr std::size_t size = 48;
  const auto a = numbers(size * size, 1), b = numbers(size * size, 2);
  std::vector<float> c(size * size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < size; ++k) {
      for (std::size_t j = 0; j < size; ++j) c[i * size + j] += a[i * size + k] * b[k * size + j];
    }
  }
  const DeviceVector<float> da(a), db(b), dc(c.size());
  test_kernels::tiled_gemm(da.data(), db.data(), dc.data(), size, size, size, nullptr, bug);
  return dc.host() == c;
}

bool multiplies_on_tensor_cores() {
  constexpr std::size_t size = 32;
  const auto a = numbers(size * size, 1), b = numbers(size * size, 2);
  std::vector<__nv_bfloat16> a16(a.size()), b16(b.size());
  std::transform(a.begin(), a.end(), a16.begin(), [](float v) { return __float2bfloat16(v); });
  std::transform(b.begin(), b.end(), b16.begin(), [](float v) { return __float2bfloat16(v); });
  const DeviceVector<__nv_bfloat16> da16(a16), db16(b16);
  const DeviceVector<float> da(a), db(b), c(a.size()), c16(a.size());
  test_kernels::bf16_gemm(da16.data(), db16.data(), c16.data(), size, size, size, nullptr);
  test_kernels::tf32_gemm(da.data(), db.data(), c.data(), size, size, size, nullptr);
  return c.host() == c16.host();
}

bool pipelines(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n);
  test_kernels::pipelined(dx.data(), dy.data(), n, nullptr, bug);
  auto right = x;
  for (std::size_t i = 0; i < x.size(); ++i) right[i] += x[i / 512 * 512 + 511 - i % 512];
  return dy.host() == right;
}

bool reverses(Bug bug) {
  const auto x = numbers(n);
  const DeviceVector<float> dx(x), dy(n);
  test_kernels::reverse_blocks(dx.data(), dy.data(), n, 256, nullptr, bug);
  auto right = x;
  for (auto i = right.begin(); i != right.end(); i += 256) std::reverse(i, i + 256);
  return dy.host() == right;
}

bool survives(Bug bug) {
  const DeviceVector<float> dy(32);
  test_kernels::doomed(dy.data(), nullptr, bug);
  return true;
}

}  // namespace

bool is_right(Bug bug) {
  switch (bug) {
    case Bug::no_barrier_in_reduction:
      return sums(bug);
    case Bug::no_barrier_after_load:
    case Bug::no_trailing_barrier:
      return multiplies(bug);
    case Bug::no_wait_for_copy:
    case Bug::copy_over_a_tile_in_use:
      return pipelines(bug);
    case Bug::race_between_blocks:
      return counts(bug);
    case Bug::race_without_fence:
      return totals(bug);
    case Bug::global_out_of_bounds:
    case Bug::misaligned_float4:
      return copies(bug);
    case Bug::dynamic_shared_out_of_bounds:
      return reverses(bug);
    case Bug::none:
      return all_right();
    default:
      return survives(bug);
  }
}

bool all_right() {
  const Bug none = Bug::none;
  return copies(none) && sums(none) && totals(none) && counts(none) && multiplies(none) && pipelines(none) &&
         reverses(none) && multiplies_on_tensor_cores();
}

float read_device_memory() {
  const DeviceVector<float> x(numbers(n));
  const volatile float* p = x.data();
  return p[5];
}

}  // namespace glow::cuda_on_cpu
