// cuBLAS, which is loaded when a GPU is first used: programs that use none start without its 200 MB.
#pragma once

#include <string_view>

#include <cublas_v2.h>

#include <glow/core/cuda/check.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// The functions of cuBLAS that glow calls.
struct BlasLibrary {
  decltype(&cublasCreate) create;
  decltype(&cublasDestroy) destroy;
  decltype(&cublasSetStream) set_stream;
  decltype(&cublasSetWorkspace) set_workspace;
  decltype(&cublasSgemm) sgemm;
  decltype(&cublasDgemm) dgemm;
  // The names of these two are overloaded in C++.
  cublasStatus_t (*gemm_ex)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, const void*,
                            const void*, cudaDataType, int, const void*, cudaDataType, int, const void*,
                            void*, cudaDataType, int, cublasComputeType_t, cublasGemmAlgo_t);
  cublasStatus_t (*gemm_strided_batched_ex)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int,
                                            int, const void*, const void*, cudaDataType, int, long long,
                                            const void*, cudaDataType, int, long long, const void*, void*,
                                            cudaDataType, int, long long, int, cublasComputeType_t,
                                            cublasGemmAlgo_t);
};

/// That of the shared library `name`, which stays loaded. Throws CudaError if it is not found, or lacks one
/// of the functions.
BlasLibrary load_blas(const char* name);

/// That of the version which glow was compiled with; loaded at the first call. Throws as load_blas does.
const BlasLibrary& blas_library();

/// Throws CudaError "what: status" unless `status` is success.
inline void check(cublasStatus_t status, std::string_view what) {
  require<CudaError>(status == CUBLAS_STATUS_SUCCESS, "cuBLAS: ", what, ": status ",
                     static_cast<int>(status));
}

}  // namespace glow::cuda
