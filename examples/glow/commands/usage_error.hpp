// Wrong usage of the program.
#pragma once

#include <glow/core/error.hpp>

namespace glow::app {

/// A command line that says what cannot be: the program ends with exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace glow::app
