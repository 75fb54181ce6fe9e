// cuBLAS's stand-in, which is linked, in place of the library that kernels/blas_library.cpp loads.
#include <glow/core/cuda/blas_library.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

const BlasLibrary& blas_library() {
  static constexpr BlasLibrary blas{cublasCreate, cublasDestroy, cublasSetStream, cublasSetWorkspace,
                                    cublasSgemm,  cublasDgemm,   cublasGemmEx,    cublasGemmStridedBatchedEx};
  return blas;
}

}  // namespace glow::cuda
