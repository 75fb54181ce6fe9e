# Target glow::cuda: the kernels of kernels/*.cu for NVIDIA GPUs. Left out, with a word, where there is no CUDA compiler.
option(GLOW_CUDA "Build the CUDA kernels where a CUDA compiler is found" ${PROJECT_IS_TOP_LEVEL})
set(GLOW_CUDA_ARCHITECTURES "80;90a;100;120" CACHE STRING "GPU architectures to compile for")
option(GLOW_CUDA_DEBUG "Kernels that wait for an mbarrier in vain print where and stop, instead of hanging" OFF)
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
include(${CMAKE_CURRENT_LIST_DIR}/GlowCudnn.cmake)

# glow_kernels(TARGET): how nvcc takes kernels.
function(glow_kernels target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
                                             CUDA_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/cmake/keep_ptxas_report)
  target_link_libraries(${target} PUBLIC glow::glow CUDA::cudart)
  # CMake believes that nvcc takes C++20 by itself, and does not pass it.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --expt-relaxed-constexpr -Xptxas=-v
                                                                      -Xcompiler=-Wall,-Wextra>)
  if(GLOW_WERROR)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>)
  endif()
endfunction()

file(GLOB kernel_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*.cu)
# Those named so use instructions that compute capability 9.0 alone has, and run nowhere else.
set(sm90a_sources ${kernel_sources})
list(FILTER sm90a_sources INCLUDE REGEX "_sm90a\\.cu$")
list(FILTER kernel_sources EXCLUDE REGEX "_sm90a\\.cu$")
add_library(glow_cuda_sm90a OBJECT ${sm90a_sources})
set_target_properties(glow_cuda_sm90a PROPERTIES CUDA_ARCHITECTURES 90a-real POSITION_INDEPENDENT_CODE ON)
glow_kernels(glow_cuda_sm90a)
if(GLOW_CUDA_DEBUG)  # no other kernel has mbarriers
  target_compile_definitions(glow_cuda_sm90a PRIVATE GLOW_CUDA_DEBUG)
endif()

# Static unless BUILD_SHARED_LIBS says otherwise; both are made of the same objects, hence no symbol that tells them apart.
add_library(glow_cuda ${kernel_sources} ${convolution_source} ${PROJECT_SOURCE_DIR}/kernels/blas_library.cpp
                      $<TARGET_OBJECTS:glow_cuda_sm90a>)
set_target_properties(glow_cuda PROPERTIES DEFINE_SYMBOL "")
add_library(glow::cuda ALIAS glow_cuda)
set_target_properties(glow_cuda PROPERTIES EXPORT_NAME cuda CUDA_ARCHITECTURES "${GLOW_CUDA_ARCHITECTURES}"
                                           POSITION_INDEPENDENT_CODE ON)  # for glow::c
glow_kernels(glow_cuda)
target_link_libraries(glow_cuda PRIVATE ${CMAKE_DL_LIBS})  # cuBLAS is loaded when a GPU is used
if(GLOW_HAS_CUDNN)
  target_link_libraries(glow_cuda PRIVATE CUDNN::cudnn)
endif()
string(REPLACE ";" "," architectures "${GLOW_CUDA_ARCHITECTURES}")
target_compile_definitions(glow_cuda PRIVATE GLOW_CUDA_ARCHITECTURES="${architectures}")
