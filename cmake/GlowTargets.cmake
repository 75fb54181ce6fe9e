# Settings of our own executables; nothing of it reaches users of glow::glow.

# For any processor.
add_library(glow_portable_settings INTERFACE)
target_link_libraries(glow_portable_settings INTERFACE glow::glow)
target_compile_options(glow_portable_settings INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(GLOW_WERROR)
  target_compile_options(glow_portable_settings INTERFACE -Werror)
endif()

# For this machine's.
add_library(glow_settings INTERFACE)
target_link_libraries(glow_settings INTERFACE glow_portable_settings)
if(GLOW_NATIVE)
  target_compile_options(glow_settings INTERFACE -march=native)
  target_compile_definitions(glow_settings INTERFACE GLOW_BUILD_ISA_ONLY)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of its own headers: AVX-512 intrinsics wherever Eigen uses them (GCC bug 105593), and std::string's operator+
  # (GCC bug 105651).
  target_compile_options(glow_portable_settings INTERFACE -Wno-maybe-uninitialized -Wno-uninitialized -Wno-restrict)
endif()

# glow_embed(TARGET NAME FILE): adds to TARGET a source that defines `std::span<const std::uint8_t> NAME()`, the bytes of FILE.
function(glow_embed target name file)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"#include <cstdint>
#include <span>
namespace glow::app {
namespace {
constexpr std::uint8_t @name@_bytes[] = {@bytes@};
}
std::span<const std::uint8_t> @name@() { return @name@_bytes; }
}  // namespace glow::app
")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  target_sources(${target} PRIVATE ${source})
endfunction()
