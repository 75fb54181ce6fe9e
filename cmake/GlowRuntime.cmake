# glow::runtime: models whose type is not known at compile time (glow/runtime/*.hpp), compiled once, for this machine's devices.

# Apart from what a GPU does, which tests have an emulation of.
add_library(glow_runtime_parts OBJECT runtime/on_cpu.cpp runtime/open.cpp runtime/read_model.cpp)
target_link_libraries(glow_runtime_parts PUBLIC glow::glow PRIVATE $<BUILD_INTERFACE:glow_settings>)
set_target_properties(glow_runtime_parts PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF CXX_VISIBILITY_PRESET hidden
                                                    VISIBILITY_INLINES_HIDDEN ON)

if(TARGET glow_cuda)
  add_library(glow_runtime STATIC runtime/with_cuda.cpp $<TARGET_OBJECTS:glow_runtime_parts>)
  target_link_libraries(glow_runtime PUBLIC glow::cuda)
else()
  add_library(glow_runtime STATIC runtime/without_cuda.cpp $<TARGET_OBJECTS:glow_runtime_parts>)
endif()
add_library(glow::runtime ALIAS glow_runtime)
target_link_libraries(glow_runtime PUBLIC glow::glow PRIVATE $<BUILD_INTERFACE:glow_settings>)
set_target_properties(glow_runtime PROPERTIES EXPORT_NAME runtime POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF)
# What users compile of the headers for the same program are the same functions, so they must be for the same processor.
if(GLOW_NATIVE)
  target_compile_options(glow_runtime INTERFACE $<INSTALL_INTERFACE:-march=native>)
  target_compile_definitions(glow_runtime INTERFACE $<INSTALL_INTERFACE:GLOW_BUILD_ISA_ONLY>)
endif()
