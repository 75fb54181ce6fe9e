// What the GPU can do at most: copies, and bf16 matrix products by cuBLAS.
#include <glow/ops/kernels/network_pack.hpp>

#include "report.hpp"

namespace glow::benchmarks {

namespace {

// A bf16 matrix [n, n] of N(0, 1) in half as many floats: zeros would take less power than numbers, and so a
// higher clock.
Tensor<float, Cuda> normal_bf16(Index n, std::uint64_t stream) {
  Tensor<float, Cuda> numbers(Shape{n, n});
  fill_normal(numbers.view(), Random{1, stream});
  Tensor<float, Cuda> matrix(Shape{n, n / 2});
  kernels::launch_pack_rows(numbers.data(), {1, n, n}, reinterpret_cast<__nv_bfloat16*>(matrix.data()), n,
                            cuda::stream());
  cuda::Context::current().synchronize();
  return matrix;
}

}  // namespace

Rates measure_rates(Report& report) {
  Rates rates{};
  {
    // 1 GiB of float: far more than any cache holds
    const Index size = Index{1} << (report.options().smoke ? 12 : 28);
    Tensor<float, Cuda> from(Shape{size});
    Tensor<float, Cuda> to(Shape{size});
    fill_normal(from.view(), Random{1, 0});
    const double seconds = report.seconds_of(5, [&] { copy(View<const float, Cuda>(from), to.view()); });
    rates.copy_bytes = 2 * static_cast<double>(size) * sizeof(float) / seconds;
  }
  {
    const int n = report.options().smoke ? 64 : 8192;
    const Tensor<float, Cuda> a = normal_bf16(n, 1), b = normal_bf16(n, 2);
    Tensor<float, Cuda> c(Shape{n, n});
    const float one = 1, zero = 0;
    const double seconds = report.seconds_of(5, [&] {
      cuda::check(
          cuda::blas_library().gemm_ex(cuda::Context::current().blas(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n,
                                       &one, a.data(), CUDA_R_16BF, n, b.data(), CUDA_R_16BF, n, &zero,
                                       c.data(), CUDA_R_32F, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
          "a bf16 product");
    });
    rates.bf16_flops = 2.0 * n * n * n / seconds;
  }
  report.add("rates",
             {{"copy_GB_per_s", rates.copy_bytes / 1e9}, {"bf16_TFLOP_per_s", rates.bf16_flops / 1e12}});
  return rates;
}

}  // namespace glow::benchmarks
