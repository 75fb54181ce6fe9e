// Every exception that glow throws on bad input derives from glow::Error; its text names the thing, the value
// and what would be right.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace glow {

/// Base of all exceptions thrown by the library.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A shape, size or option that a model or layer cannot take.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A file that is missing, truncated, of another format, or that cannot be written.
class FileError : public Error {
 public:
  using Error::Error;
};

/// A checkpoint that does not fit the model it is loaded into.
class CheckpointError : public Error {
 public:
  using Error::Error;
};

/// A computation that left the finite numbers.
class NumericError : public Error {
 public:
  using Error::Error;
};

/// A CUDA call that failed, or memory of a GPU that ran out.
class CudaError : public Error {
 public:
  using Error::Error;
};

/// Joins its arguments as `operator<<` prints them.
template <class... Args>
std::string join(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

/// Throws E with the joined text of `args` unless `condition` holds.
template <class E = Error, class... Args>
void require(bool condition, const Args&... args) {
  if (!condition) throw E(join(args...));
}

}  // namespace glow
