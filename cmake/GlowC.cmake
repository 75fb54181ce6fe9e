# glow::c: the C API (bindings/c/glow.h), a shared library that stands on its own: of its symbols those of the API alone are seen, so that
# several versions can be loaded into one process.
add_library(glow_c SHARED bindings/c/glow.cpp ${glow_runtime_objects})
add_library(glow::c ALIAS glow_c)
target_include_directories(glow_c PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/bindings/c> $<INSTALL_INTERFACE:include/glow>)
target_link_libraries(glow_c PRIVATE glow::glow $<TARGET_NAME_IF_EXISTS:glow::cuda> $<BUILD_INTERFACE:glow_settings>)
set_target_properties(glow_c PROPERTIES EXPORT_NAME c VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} UNITY_BUILD OFF
                                        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
# What the standard library's templates leave visible, too.
target_link_options(glow_c PRIVATE -Wl,--version-script=${PROJECT_SOURCE_DIR}/bindings/c/symbols.map -Wl,-Bsymbolic -Wl,--no-undefined)
set_target_properties(glow_c PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/c/symbols.map)
