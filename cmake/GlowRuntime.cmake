# glow::runtime: models whose type is not known at compile time (glow/runtime/*.hpp), compiled once, for this machine's devices.

# Its objects are those of glow::c and of the Python module, too. What a GPU does is apart, since tests have an emulation of one.
add_library(glow_runtime_host OBJECT runtime/any_model.cpp runtime/on_cpu.cpp runtime/open.cpp runtime/read_model.cpp)
add_library(glow_runtime_gpu OBJECT runtime/$<IF:$<TARGET_EXISTS:glow_cuda>,with,without>_cuda.cpp)
foreach(part glow_runtime_host glow_runtime_gpu)
  target_link_libraries(${part} PUBLIC glow::glow $<TARGET_NAME_IF_EXISTS:glow::cuda> PRIVATE glow_settings)
  set_target_properties(${part} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF CXX_VISIBILITY_PRESET hidden
                                           VISIBILITY_INLINES_HIDDEN ON)
endforeach()
set(glow_runtime_objects $<TARGET_OBJECTS:glow_runtime_host> $<TARGET_OBJECTS:glow_runtime_gpu>)

add_library(glow_runtime STATIC ${glow_runtime_objects})
add_library(glow::runtime ALIAS glow_runtime)
set_target_properties(glow_runtime PROPERTIES EXPORT_NAME runtime LINKER_LANGUAGE CXX)
target_link_libraries(glow_runtime PUBLIC glow::glow $<TARGET_NAME_IF_EXISTS:glow::cuda>)
# What users compile of the headers for the same program are the same functions, so they must be for the same processor.
if(GLOW_NATIVE)
  target_compile_options(glow_runtime INTERFACE $<INSTALL_INTERFACE:-march=native>)
  target_compile_definitions(glow_runtime INTERFACE $<INSTALL_INTERFACE:GLOW_BUILD_ISA_ONLY>)
endif()
