# glow_optional_part(NAME): the cache variable NAME is AUTO, ON or OFF; another value is refused.
function(glow_optional_part name)
  set_property(CACHE ${name} PROPERTY STRINGS AUTO ON OFF)
  if(NOT ${name} MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "${name} is ${${name}}; it must be AUTO, ON or OFF")
  endif()
endfunction()

# What a part is by default that a project which adds glow as a subdirectory asks for.
set(glow_part_of_top_level OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(glow_part_of_top_level AUTO)
endif()
