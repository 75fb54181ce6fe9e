// The products of the fake cuBLAS against plain loops.
#include <cmath>
#include <vector>

#include <cublas_v2.h>
#include <cuda_bf16.h>

#include "../catch.hpp"
#include "support.hpp"

using namespace glow::cuda_on_cpu;

namespace {

constexpr int m = 5, n = 7, k = 9, ld = 11, batch = 3;
constexpr int stride = ld * 12;

// C = alpha op(A) op(B) + beta C, column-major with leading dimension ld.
template <class T>
std::vector<T> by_loops(bool ta, bool tb, T alpha, const std::vector<T>& a, const std::vector<T>& b, T beta,
                        std::vector<T> c, int matrices) {
  for (int s = 0; s < matrices; ++s) {
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        const auto at = [s](int row, int column) {
          return static_cast<std::size_t>(s * stride + column * ld + row);
        };
        T sum = 0;
        for (int l = 0; l < k; ++l) sum += a[ta ? at(l, i) : at(i, l)] * b[tb ? at(j, l) : at(l, j)];
        T& to = c[at(i, j)];
        to = alpha * sum + (beta == T{0} ? T{0} : beta * to);
      }
    }
  }
  return c;
}

template <class T>
std::vector<T> some(std::uint64_t seed) {
  const auto x = numbers(static_cast<std::size_t>(stride * batch), seed);
  return {x.begin(), x.end()};
}

struct Handle {
  cublasHandle_t handle = nullptr;
  Handle() { REQUIRE(cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS); }
  ~Handle() { cublasDestroy(handle); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

}  // namespace

TEST_CASE("cuda_on_cpu: cuBLAS products in float and double, all transpositions", "[cuda_on_cpu]") {
  const Handle h;
  const auto a = some<float>(1), b = some<float>(2), c = some<float>(3);
  const auto a64 = some<double>(1), b64 = some<double>(2), c64 = some<double>(3);
  const float alpha = 2.0f, beta = 0.5f, zero = 0.0f;
  const double alpha64 = 2.0, beta64 = 0.5;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const auto oa = ta ? CUBLAS_OP_T : CUBLAS_OP_N, ob = tb ? CUBLAS_OP_T : CUBLAS_OP_N;
      const DeviceVector<float> da(a), db(b), dc(c), dnan(c.size());
      const DeviceVector<double> da64(a64), db64(b64), dc64(c64);
      CHECK(cublasSgemm(h.handle, oa, ob, m, n, k, &alpha, da.data(), ld, db.data(), ld, &beta, dc.data(),
                        ld) == CUBLAS_STATUS_SUCCESS);
      CHECK(dc.host() == by_loops(ta, tb, alpha, a, b, beta, c, 1));
      CHECK(cublasDgemmStridedBatched(h.handle, oa, ob, m, n, k, &alpha64, da64.data(), ld, stride,
                                      db64.data(), ld, stride, &beta64, dc64.data(), ld, stride,
                                      batch) == CUBLAS_STATUS_SUCCESS);
      CHECK(dc64.host() == by_loops(ta, tb, alpha64, a64, b64, beta64, c64, batch));
      CHECK(cublasSgemm(h.handle, oa, ob, m, n, k, &alpha, da.data(), ld, db.data(), ld, &zero, dnan.data(),
                        ld) == CUBLAS_STATUS_SUCCESS);
      CHECK(dnan.host()[0] == by_loops(ta, tb, alpha, a, b, zero, c, 1)[0]);
    }
  }
}

TEST_CASE("cuda_on_cpu: cuBLAS products of bf16, and of floats rounded to tf32", "[cuda_on_cpu]") {
  const Handle h;
  const auto a = some<float>(1), b = some<float>(2), c = some<float>(3);
  std::vector<__nv_bfloat16> a16, b16;
  for (const float v : a) a16.push_back(__float2bfloat16(v));
  for (const float v : b) b16.push_back(__float2bfloat16(v));
  const auto right = by_loops(false, true, 1.0f, a, b, 1.0f, c, batch);
  const float one = 1.0f;
  const DeviceVector<__nv_bfloat16> da16(a16), db16(b16), dc16(std::vector<__nv_bfloat16>(a.size()));
  const DeviceVector<float> da(a), db(b), dc(c);
  const auto gemm = [&](const void* pa, const void* pb, cudaDataType from, void* pc, cudaDataType to,
                        cublasComputeType_t compute) {
    return cublasGemmStridedBatchedEx(h.handle, CUBLAS_OP_N, CUBLAS_OP_T, m, n, k, &one, pa, from, ld, stride,
                                      pb, from, ld, stride, &one, pc, to, ld, stride, batch, compute,
                                      CUBLAS_GEMM_DEFAULT);
  };
  CHECK(gemm(da16.data(), db16.data(), CUDA_R_16BF, dc.data(), CUDA_R_32F, CUBLAS_COMPUTE_32F) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(dc.host() == right);
  CHECK(gemm(da16.data(), db16.data(), CUDA_R_16BF, dc16.data(), CUDA_R_16BF, CUBLAS_COMPUTE_32F) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(std::fabs(__bfloat162float(dc16.host()[2]) - (right[2] - c[2])) <
        0.01f * std::fabs(right[2] - c[2]) + 1e-6f);
  CHECK(gemm(da.data(), db.data(), CUDA_R_32F, dc.data(), CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32) ==
        CUBLAS_STATUS_SUCCESS);
  CHECK(gemm(da.data(), db.data(), CUDA_R_32F, dc.data(), CUDA_R_16BF, CUBLAS_COMPUTE_32F) ==
        CUBLAS_STATUS_NOT_SUPPORTED);

  // 1 + 2^-12 is 1 in tf32.
  const DeviceVector<float> x(std::vector<float>{1.0f + 1.0f / 4096}), y(1);
  const float zero = 0.0f;
  CHECK(cublasSetMathMode(h.handle, CUBLAS_TF32_TENSOR_OP_MATH) == CUBLAS_STATUS_SUCCESS);
  cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, x.data(), 1, x.data(), 1, &zero, y.data(),
              1);
  CHECK(y.host()[0] == 1.0f);
  CHECK(cublasSetMathMode(h.handle, CUBLAS_DEFAULT_MATH) == CUBLAS_STATUS_SUCCESS);
  cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 1, 1, 1, &one, x.data(), 1, x.data(), 1, &zero, y.data(),
              1);
  CHECK(y.host()[0] > 1.0f);
}

TEST_CASE("cuda_on_cpu: cuBLAS refuses operands beyond their allocation", "[cuda_on_cpu]") {
  const Handle h;
  const float one = 1.0f;
  const DeviceVector<float> a(some<float>(1)), small(3);
  CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &one, a.data(), 2, a.data(), 2, &one,
                    small.data(), 2) == CUBLAS_STATUS_EXECUTION_FAILED);
  CHECK(cublasSgemm(h.handle, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &one, a.data(), 1, a.data(), 2, &one,
                    a.data(), 2) == CUBLAS_STATUS_INVALID_VALUE);
}
