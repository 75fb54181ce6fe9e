# Target glow::cuda: the kernels of kernels/*.cu for NVIDIA GPUs. Left out, with a word, where there is no CUDA compiler.
option(GLOW_CUDA "Build the CUDA kernels where a CUDA compiler is found" ON)
set(GLOW_CUDA_ARCHITECTURES "80;90a;100;120" CACHE STRING "GPU architectures to compile for")
if(NOT GLOW_CUDA)
  return()
endif()
include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "No CUDA compiler was found: glow::cuda is left out, all else is built")
  return()
endif()
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)

file(GLOB kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*.cu)
add_library(glow_cuda STATIC ${kernel_sources})
add_library(glow::cuda ALIAS glow_cuda)
set_target_properties(glow_cuda PROPERTIES EXPORT_NAME cuda CUDA_ARCHITECTURES "${GLOW_CUDA_ARCHITECTURES}"
                                           POSITION_INDEPENDENT_CODE ON
                                           CUDA_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/keep_ptxas_report)
string(REPLACE ";" "," architectures "${GLOW_CUDA_ARCHITECTURES}")
target_compile_definitions(glow_cuda PRIVATE GLOW_CUDA_ARCHITECTURES="${architectures}")
target_link_libraries(glow_cuda PUBLIC glow::glow CUDA::cudart CUDA::cublas)
# CMake believes that nvcc takes C++20 by itself, and does not pass it.
target_compile_options(glow_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --expt-relaxed-constexpr -Xptxas=-v
                                                                    -Xcompiler=-Wall,-Wextra>)
if(GLOW_WERROR)
  target_compile_options(glow_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>)
endif()
