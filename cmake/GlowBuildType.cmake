# glow_warn_of_no_build_type(): says so where CMake will compile without optimization because nobody asked for any.
function(glow_warn_of_no_build_type)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND NOT CMAKE_CXX_FLAGS MATCHES "(^| )-O[1-3sf]")
    message(WARNING "CMAKE_BUILD_TYPE is not set, so programs that use glow are compiled without optimization, which makes them "
                    "some ten times slower. Set it, for instance with -DCMAKE_BUILD_TYPE=Release.")
  endif()
endfunction()
