// flags: -fno-exceptions
// expect: glow tells errors by exceptions: compile without -fno-exceptions
#include <glow/core/error.hpp>
