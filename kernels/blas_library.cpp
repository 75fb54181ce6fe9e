// cuBLAS by the loader. Emulated GPUs have tests/cuda_on_cpu/blas_library.cpp in its place.
#include <dlfcn.h>

#include <glow/core/cuda/blas_library.hpp>

#define GLOW_TEXT_OF_(x) #x
#define GLOW_TEXT_OF(x) GLOW_TEXT_OF_(x)  // of names, those that cublas_v2.h defines as others with _v2

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {
namespace {

template <class Function>
void find(void* library, const char* symbol, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, symbol));
  require<CudaError>(function != nullptr, "cuBLAS: ", symbol, " is not in the library: ", dlerror());
}

}  // namespace

BlasLibrary load_blas(const char* name) {
  void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  require<CudaError>(library != nullptr, "cuBLAS: ", name,
                     " cannot be loaded; it comes with the CUDA toolkit, ",
                     "and LD_LIBRARY_PATH may tell where it is (", library == nullptr ? dlerror() : "", ")");
  BlasLibrary blas;
  find(library, GLOW_TEXT_OF(cublasCreate), blas.create);
  find(library, GLOW_TEXT_OF(cublasDestroy), blas.destroy);
  find(library, GLOW_TEXT_OF(cublasSetStream), blas.set_stream);
  find(library, GLOW_TEXT_OF(cublasSetWorkspace), blas.set_workspace);
  find(library, GLOW_TEXT_OF(cublasSgemm), blas.sgemm);
  find(library, GLOW_TEXT_OF(cublasDgemm), blas.dgemm);
  find(library, GLOW_TEXT_OF(cublasGemmEx), blas.gemm_ex);
  find(library, GLOW_TEXT_OF(cublasGemmStridedBatchedEx), blas.gemm_strided_batched_ex);
  return blas;
}

const BlasLibrary& blas_library() {
  static const BlasLibrary blas = load_blas("libcublas.so." GLOW_TEXT_OF(CUBLAS_VER_MAJOR));
  return blas;
}

}  // namespace glow::cuda
