// The products of cuBLAS, done by Eigen: column-major, op(A) [m, k] times op(B) [k, n] into C [m, n].
#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include <cublas_v2.h>

#include "memory.hpp"
#include "runtime.hpp"
#include "stream.hpp"

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasMath_t math = CUBLAS_DEFAULT_MATH;
  cublasPointerMode_t pointers = CUBLAS_POINTER_MODE_HOST;
};

using namespace glow::cuda_on_cpu;

namespace {

struct Operand {
  const void* data = nullptr;
  cudaDataType type = CUDA_R_32F;
  std::ptrdiff_t leading = 0;
  std::ptrdiff_t stride = 0;  // to the next of a batch
};

struct Product {
  cublasOperation_t op_a = CUBLAS_OP_N;
  cublasOperation_t op_b = CUBLAS_OP_N;
  std::ptrdiff_t m = 0;
  std::ptrdiff_t n = 0;
  std::ptrdiff_t k = 0;
  const void* alpha = nullptr;
  Operand a, b;
  const void* beta = nullptr;
  Operand c;
  int batch = 1;
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
};

std::size_t size_of(cudaDataType type) { return type == CUDA_R_64F ? 8 : type == CUDA_R_32F ? 4 : 2; }

float float_of(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

float from_bf16(std::uint16_t x) { return float_of(std::uint32_t{x} << 16); }

std::uint16_t to_bf16(float x) {
  const std::uint32_t bits = bits_of(x);
  if (x != x) return 0x7FFF;
  return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);  // to nearest, ties to even
}

float to_tf32(float x) { return x - x == 0.0f ? float_of((bits_of(x) + 0x1000) & 0xFFFFE000) : x; }

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

template <class Stored>
using View = Eigen::Map<const Matrix<Stored>, Eigen::Unaligned, Eigen::OuterStride<>>;

/// Matrix number i of the batch, [rows, columns] as stored, in the type of the computation.
template <class T>
Matrix<T> read(const Operand& x, std::ptrdiff_t i, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  const auto* at =
      static_cast<const char*>(x.data) + i * x.stride * static_cast<std::ptrdiff_t>(size_of(x.type));
  const Eigen::OuterStride<> outer(x.leading);
  if constexpr (std::is_same_v<T, float>) {
    if (x.type == CUDA_R_16BF) {
      return View<std::uint16_t>(reinterpret_cast<const std::uint16_t*>(at), rows, columns, outer)
          .unaryExpr(&from_bf16);
    }
  }
  return View<T>(reinterpret_cast<const T*>(at), rows, columns, outer);
}

template <class T>
void write(const Operand& x, std::ptrdiff_t i, const Matrix<T>& value) {
  auto* at = static_cast<char*>(const_cast<void*>(x.data)) +
             i * x.stride * static_cast<std::ptrdiff_t>(size_of(x.type));
  for (std::ptrdiff_t column = 0; column < value.cols(); ++column) {
    for (std::ptrdiff_t row = 0; row < value.rows(); ++row) {
      const std::ptrdiff_t j = column * x.leading + row;
      if constexpr (std::is_same_v<T, float>) {
        if (x.type == CUDA_R_16BF) {
          reinterpret_cast<std::uint16_t*>(at)[j] = to_bf16(value(row, column));
          continue;
        }
      }
      reinterpret_cast<T*>(at)[j] = value(row, column);
    }
  }
}

template <class T>
void multiply(const Product& p) {
  const T alpha = *static_cast<const T*>(p.alpha);
  const T beta = *static_cast<const T*>(p.beta);
  const bool ta = p.op_a != CUBLAS_OP_N;
  const bool tb = p.op_b != CUBLAS_OP_N;
  for (int i = 0; i < p.batch; ++i) {
    Matrix<T> a = read<T>(p.a, i, ta ? p.k : p.m, ta ? p.m : p.k);
    Matrix<T> b = read<T>(p.b, i, tb ? p.n : p.k, tb ? p.k : p.n);
    if (ta) a.transposeInPlace();
    if (tb) b.transposeInPlace();
    if constexpr (std::is_same_v<T, float>) {
      if (p.compute == CUBLAS_COMPUTE_32F_FAST_TF32) {
        a = a.unaryExpr(&to_tf32).eval();
        b = b.unaryExpr(&to_tf32).eval();
      }
    }
    Matrix<T> c = alpha * (a * b);
    if (beta != T{0}) c += beta * read<T>(p.c, i, p.m, p.n);  // else C is not read, be it NaN
    write<T>(p.c, i, c);
  }
}

bool is_within(const char* what, const Operand& x, std::ptrdiff_t rows, std::ptrdiff_t columns, int batch) {
  if (rows == 0 || columns == 0 || batch == 0) return true;
  const std::ptrdiff_t last = (batch - 1) * x.stride + (columns - 1) * x.leading + rows;
  if (is_reachable(x.data, static_cast<std::size_t>(last) * size_of(x.type))) return true;
  complain(std::string("cuBLAS: operand ") + what + " is not within an allocation on the device");
  return false;
}

bool is_supported(const Product& p) {
  const bool wide = p.compute == CUBLAS_COMPUTE_64F || p.compute == CUBLAS_COMPUTE_64F_PEDANTIC;
  if (wide) return p.a.type == CUDA_R_64F && p.b.type == CUDA_R_64F && p.c.type == CUDA_R_64F;
  if (p.compute != CUBLAS_COMPUTE_32F && p.compute != CUBLAS_COMPUTE_32F_PEDANTIC &&
      p.compute != CUBLAS_COMPUTE_32F_FAST_TF32) {
    return false;
  }
  const bool floats = p.a.type == CUDA_R_32F && p.c.type == CUDA_R_32F;
  const bool halves = p.a.type == CUDA_R_16BF && (p.c.type == CUDA_R_32F || p.c.type == CUDA_R_16BF);
  return p.a.type == p.b.type && (floats || halves);
}

cublasStatus_t gemm(cublasHandle_t handle, Product p) {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  const bool ta = p.op_a != CUBLAS_OP_N;
  const bool tb = p.op_b != CUBLAS_OP_N;
  if (p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0 ||
      p.a.leading < std::max<std::ptrdiff_t>(1, ta ? p.k : p.m) ||
      p.b.leading < std::max<std::ptrdiff_t>(1, tb ? p.n : p.k) ||
      p.c.leading < std::max<std::ptrdiff_t>(1, p.m)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  if (!is_supported(p)) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (p.m == 0 || p.n == 0 || p.batch == 0) return CUBLAS_STATUS_SUCCESS;
  if (!is_within("A", p.a, ta ? p.k : p.m, ta ? p.m : p.k, p.batch) ||
      !is_within("B", p.b, tb ? p.n : p.k, tb ? p.k : p.n, p.batch) ||
      !is_within("C", p.c, p.m, p.n, p.batch)) {
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  if (handle->math == CUBLAS_TF32_TENSOR_OP_MATH && p.compute == CUBLAS_COMPUTE_32F &&
      p.a.type == CUDA_R_32F) {
    p.compute = CUBLAS_COMPUTE_32F_FAST_TF32;
  }
  const bool wide = p.a.type == CUDA_R_64F;
  struct Scalars {
    double alpha = 0;  // or the bytes of a float
    double beta = 0;
  } scalars;
  const bool on_host = handle->pointers == CUBLAS_POINTER_MODE_HOST;
  if (on_host) {  // read now: the caller's variables may be gone when the work is done
    std::memcpy(&scalars.alpha, p.alpha, wide ? 8 : 4);
    std::memcpy(&scalars.beta, p.beta, wide ? 8 : 4);
  }
  const cudaError_t error = enqueue(handle->stream, [p, scalars, on_host, wide]() mutable {
    if (on_host) {
      p.alpha = &scalars.alpha;
      p.beta = &scalars.beta;
    }
    wide ? multiply<double>(p) : multiply<float>(p);
  });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

template <class T>
cublasStatus_t plain_gemm(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m, int n,
                          int k, const T* alpha, const T* a, int lda, long long stride_a, const T* b, int ldb,
                          long long stride_b, const T* beta, T* c, int ldc, long long stride_c, int batch) {
  const cudaDataType type = sizeof(T) == 8 ? CUDA_R_64F : CUDA_R_32F;
  return gemm(handle, {op_a,
                       op_b,
                       m,
                       n,
                       k,
                       alpha,
                       {a, type, lda, stride_a},
                       {b, type, ldb, stride_b},
                       beta,
                       {c, type, ldc, stride_c},
                       batch,
                       sizeof(T) == 8 ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F});
}

}  // namespace

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  if (device_state() != cudaSuccess) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetVersion(cublasHandle_t, int* version) {
  *version = CUBLAS_VERSION;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetStream(cublasHandle_t handle, cudaStream_t* stream) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *stream = handle->stream;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, size_t bytes) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  const bool right = reinterpret_cast<std::uintptr_t>(workspace) % 256 == 0 &&
                     (bytes == 0 || is_reachable(workspace, bytes));
  return right ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasSetPointerMode(cublasHandle_t handle, cublasPointerMode_t mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->pointers = mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetPointerMode(cublasHandle_t handle, cublasPointerMode_t* mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *mode = handle->pointers;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) { return CUBLAS_STATUS_SUCCESS; }

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  handle->math = mode;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t* mode) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *mode = handle->math;
  return CUBLAS_STATUS_SUCCESS;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
    default:
      return "CUBLAS_STATUS_INTERNAL_ERROR";
  }
}

const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                           int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                           const float* beta, float* c, int ldc) {
  return plain_gemm(handle, op_a, op_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

cublasStatus_t cublasDgemm(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                           int n, int k, const double* alpha, const double* a, int lda, const double* b,
                           int ldb, const double* beta, double* c, int ldc) {
  return plain_gemm(handle, op_a, op_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t op_a,
                                         cublasOperation_t op_b, int m, int n, int k, const float* alpha,
                                         const float* a, int lda, long long stride_a, const float* b, int ldb,
                                         long long stride_b, const float* beta, float* c, int ldc,
                                         long long stride_c, int batch) {
  return plain_gemm(handle, op_a, op_b, m, n, k, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c, ldc,
                    stride_c, batch);
}

cublasStatus_t cublasDgemmStridedBatched(cublasHandle_t handle, cublasOperation_t op_a,
                                         cublasOperation_t op_b, int m, int n, int k, const double* alpha,
                                         const double* a, int lda, long long stride_a, const double* b,
                                         int ldb, long long stride_b, const double* beta, double* c, int ldc,
                                         long long stride_c, int batch) {
  return plain_gemm(handle, op_a, op_b, m, n, k, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c, ldc,
                    stride_c, batch);
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                            int n, int k, const void* alpha, const void* a, cudaDataType type_a, int lda,
                            const void* b, cudaDataType type_b, int ldb, const void* beta, void* c,
                            cudaDataType type_c, int ldc, cublasComputeType_t compute, cublasGemmAlgo_t) {
  return gemm(handle, {op_a,
                       op_b,
                       m,
                       n,
                       k,
                       alpha,
                       {a, type_a, lda, 0},
                       {b, type_b, ldb, 0},
                       beta,
                       {c, type_c, ldc, 0},
                       1,
                       compute});
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t op_a,
                                          cublasOperation_t op_b, int m, int n, int k, const void* alpha,
                                          const void* a, cudaDataType type_a, int lda, long long stride_a,
                                          const void* b, cudaDataType type_b, int ldb, long long stride_b,
                                          const void* beta, void* c, cudaDataType type_c, int ldc,
                                          long long stride_c, int batch, cublasComputeType_t compute,
                                          cublasGemmAlgo_t) {
  return gemm(handle, {op_a,
                       op_b,
                       m,
                       n,
                       k,
                       alpha,
                       {a, type_a, lda, stride_a},
                       {b, type_b, ldb, stride_b},
                       beta,
                       {c, type_c, ldc, stride_c},
                       batch,
                       compute});
}
