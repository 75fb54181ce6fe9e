// What the GPU can do at most: copies, and bf16 matrix products by cuBLAS.
#include "report.hpp"

namespace glow::benchmarks {

Rates measure_rates(Report& report) {
  Rates rates{};
  {
    const Index size = Index{1} << 28;  // 1 GiB of float: far more than any cache holds
    const Tensor<float, Cuda> from(Shape{size});
    Tensor<float, Cuda> to(Shape{size});
    const double seconds = seconds_of(5, [&] { copy(View<const float, Cuda>(from), to.view()); });
    rates.copy_bytes = 2 * static_cast<double>(size) * sizeof(float) / seconds;
  }
  {
    const int n = 8192;
    // Any numbers do; half as many floats hold the bf16 ones.
    Tensor<float, Cuda> a(Shape{n, n / 2}), b(Shape{n, n / 2}), c(Shape{n, n});
    fill_uniform(c.view(), Random{1, 0});
    const float one = 1, zero = 0;
    const double seconds = seconds_of(5, [&] {
      cuda::check(cublasGemmEx(cuda::Context::current().blas(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one,
                               a.data(), CUDA_R_16BF, n, b.data(), CUDA_R_16BF, n, &zero, c.data(),
                               CUDA_R_32F, n, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
                  "a bf16 product");
    });
    rates.bf16_flops = 2.0 * n * n * n / seconds;
  }
  report.add("rates",
             {{"copy_GB_per_s", rates.copy_bytes / 1e9}, {"bf16_TFLOP_per_s", rates.bf16_flops / 1e12}});
  return rates;
}

}  // namespace glow::benchmarks
