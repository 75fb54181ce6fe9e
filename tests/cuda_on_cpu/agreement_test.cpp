// Right kernels agree with plain loops, in every order of blocks and threads.
#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include <cuda_bf16.h>

#include "../catch.hpp"
#include "kernels/test_kernels.hpp"
#include "support.hpp"

using namespace glow;
using namespace glow::cuda_on_cpu;

namespace {

std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, std::size_t m,
                           std::size_t n, std::size_t k) {
  std::vector<float> c(m * n);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t l = 0; l < k; ++l) c[i * n + j] += a[i * k + l] * b[l * n + j];
    }
  }
  return c;
}

template <class F>
void in_every_order(F f) {
  for (Settings s : all_orders()) {
    s.lazy_streams = s.seed % 2 == 0;
    const WithSettings with(s);
    CAPTURE(static_cast<int>(s.order), s.seed);
    f();
  }
}

}  // namespace

TEST_CASE("cuda_on_cpu: a vectorised copy, any length", "[cuda_on_cpu]") {
  in_every_order([] {
    for (const int n : {1, 3, 4, 257, 1000}) {
      const auto x = numbers(static_cast<std::size_t>(n));
      const DeviceVector<float> dx(x), dy(x.size());
      test_kernels::copy(dx.data(), dy.data(), n, nullptr);
      REQUIRE(dy.host() == x);
    }
  });
}

TEST_CASE("cuda_on_cpu: coordinates of threads and blocks in three dimensions", "[cuda_on_cpu]") {
  in_every_order([] {
    const dim3 grid(3, 2, 2), block(4, 3, 5);
    const DeviceVector<int> dy(12 * 60 * 6);
    test_kernels::coordinates(dy.data(), grid, block, nullptr);
    const auto y = dy.host();
    std::size_t at = 0;
    for (int bz = 0; bz < 2; ++bz) {
      for (int by = 0; by < 2; ++by) {
        for (int bx = 0; bx < 3; ++bx) {
          for (int t = 0; t < 60; ++t, at += 6) {
            const std::vector<int> right{t % 4, t / 4 % 3, t / 12, bx, by, bz};
            REQUIRE(std::equal(right.begin(), right.end(), y.begin() + static_cast<std::ptrdiff_t>(at)));
          }
        }
      }
    }
  });
}

TEST_CASE("cuda_on_cpu: sums of blocks by barriers and by shuffles", "[cuda_on_cpu]") {
  const int n = 3 * 256 + 100;
  const auto x = numbers(n);
  std::vector<float> right(4);
  for (std::size_t i = 0; i < x.size(); ++i) right[i / 256] += x[i];
  in_every_order([&] {
    const DeviceVector<float> dx(x), sums(4), more(4);
    test_kernels::block_sums(dx.data(), sums.data(), n, nullptr);
    test_kernels::warp_sums(dx.data(), more.data(), n, nullptr);
    REQUIRE(sums.host() == right);
    REQUIRE(more.host() == right);
  });
}

TEST_CASE("cuda_on_cpu: atomics and fences, a total by the last block", "[cuda_on_cpu]") {
  const int n = 5 * 256;
  const auto x = numbers(n);
  in_every_order([&] {
    const DeviceVector<float> dx(x), partial(5), total(1);
    const DeviceVector<unsigned> finished(std::vector<unsigned>{0});
    const DeviceVector<int> count(std::vector<int>{7});
    test_kernels::total(dx.data(), partial.data(), finished.data(), total.data(), n, nullptr);
    test_kernels::count_positive(dx.data(), count.data(), n, nullptr);
    REQUIRE(total.host()[0] == std::accumulate(x.begin(), x.end(), 0.0f));
    REQUIRE(count.host()[0] == 7 + std::count_if(x.begin(), x.end(), [](float v) { return v > 0; }));
  });
}

TEST_CASE("cuda_on_cpu: a GEMM on tiles in shared memory", "[cuda_on_cpu]") {
  const std::size_t m = 33, n = 20, k = 50;
  const auto a = numbers(m * k, 1), b = numbers(k * n, 2);
  const auto right = product(a, b, m, n, k);
  in_every_order([&] {
    const DeviceVector<float> da(a), db(b), dc(m * n);
    test_kernels::tiled_gemm(da.data(), db.data(), dc.data(), m, n, k, nullptr);
    REQUIRE(dc.host() == right);
  });
}

TEST_CASE("cuda_on_cpu: GEMMs on tensor cores, bf16 through ldmatrix and tf32", "[cuda_on_cpu]") {
  const std::size_t m = 32, n = 48, k = 64;
  const auto a = numbers(m * k, 3), b = numbers(k * n, 4);  // 8 bits each: exact in bf16 and tf32
  std::vector<__nv_bfloat16> a16(a.size()), b16(b.size());
  std::transform(a.begin(), a.end(), a16.begin(), [](float v) { return __float2bfloat16(v); });
  std::transform(b.begin(), b.end(), b16.begin(), [](float v) { return __float2bfloat16(v); });
  const auto right = product(a, b, m, n, k);
  in_every_order([&] {
    const DeviceVector<__nv_bfloat16> da16(a16), db16(b16);
    const DeviceVector<float> da(a), db(b), c(m * n), c16(m * n);
    test_kernels::bf16_gemm(da16.data(), db16.data(), c16.data(), m, n, k, nullptr);
    test_kernels::tf32_gemm(da.data(), db.data(), c.data(), m, n, k, nullptr);
    REQUIRE(c16.host() == right);
    REQUIRE(c.host() == right);
  });
}

TEST_CASE("cuda_on_cpu: a pipeline of cp.async, and dynamic shared memory", "[cuda_on_cpu]") {
  const std::size_t n = 512 * 5;
  const auto x = numbers(n);
  in_every_order([&] {
    const DeviceVector<float> dx(x), dy(n), dz(n);
    test_kernels::pipelined(dx.data(), dy.data(), n, nullptr);
    test_kernels::reverse_blocks(dx.data(), dz.data(), n, 512, nullptr);
    const auto y = dy.host(), z = dz.host();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t mirror = i / 512 * 512 + 511 - i % 512;
      REQUIRE(y[i] == x[i] + x[mirror]);
      REQUIRE(z[i] == x[mirror]);
    }
  });
}

TEST_CASE("cuda_on_cpu: shuffles, votes and counting barriers", "[cuda_on_cpu]") {
  in_every_order([] {
    const DeviceVector<int> dy(640);
    test_kernels::warp_functions(dy.data(), nullptr);
    const auto y = dy.host();
    for (int thread = 0; thread < 64; ++thread) {
      const int lane = thread % 32;
      const bool low = lane < 16;
      const std::vector<int> right{lane / 8 * 8 + (lane + 3) % 8,
                                   lane % 16 < 2 ? lane : lane - 2,
                                   lane % 16 > 13 ? lane : lane + 2,
                                   lane ^ 5,
                                   0x49249249,
                                   3,
                                   2,
                                   2,
                                   low ? 15 : 16,
                                   low ? 0xFFFF : static_cast<int>(0xFFFF0000u)};
      for (std::size_t i = 0; i < 10; ++i) REQUIRE(y[static_cast<std::size_t>(thread) * 10 + i] == right[i]);
    }
  });
}

TEST_CASE("cuda_on_cpu: threads that end early keep nobody waiting and are read as NaN", "[cuda_on_cpu]") {
  in_every_order([] {
    const DeviceVector<float> dy(192);
    test_kernels::early_exit(dy.data(), nullptr);
    const auto y = dy.host();
    for (std::size_t thread = 0; thread < 64; ++thread) {
      const std::size_t lane = thread % 32;
      if (lane >= 16) continue;
      REQUIRE(y[3 * thread] != y[3 * thread]);
      REQUIRE(y[3 * thread + 1] == static_cast<float>(lane ^ 1));
      REQUIRE(y[3 * thread + 2] == static_cast<float>(lane ^ 1));
    }
  });
}

TEST_CASE("cuda_on_cpu: threads of the host may launch at the same time", "[cuda_on_cpu]") {
  const auto x = numbers(1000);
  std::vector<std::vector<float>> copies(4);
  std::vector<std::thread> threads;
  for (auto& copy : copies) {
    threads.emplace_back([&] {
      const DeviceVector<float> dx(x), dy(x.size());
      for (int i = 0; i < 10; ++i) test_kernels::copy(dx.data(), dy.data(), 1000, nullptr);
      copy = dy.host();
    });
  }
  for (auto& t : threads) t.join();
  for (const auto& copy : copies) CHECK(copy == x);
}
