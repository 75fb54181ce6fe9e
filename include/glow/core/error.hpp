// Every exception that glow throws on bad input derives from glow::Error; its text names the thing, the value
// and what would be right.
#pragma once

#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <glow/version.hpp>

#if !defined(__cpp_exceptions) && !defined(__CUDACC__)
#error "glow tells errors by exceptions: compile without -fno-exceptions"
#endif

namespace glow::inline GLOW_VERSION_NAMESPACE {

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

namespace detail {

// A value of any type that can be printed, so that texts are made in one place: messages stand in every
// function, and should add little to the compilation of each.
class Printable {
 public:
  template <class T>
  Printable(const T& value) requires(!std::is_array_v<T>)
      : value_(&value), print_([](std::ostream& out, const void* v) { out << *static_cast<const T*>(v); }) {}
  Printable(const char* text)
      : value_(text), print_([](std::ostream& out, const void* v) { out << static_cast<const char*>(v); }) {}

  friend std::ostream& operator<<(std::ostream& out, const Printable& p) {
    p.print_(out, p.value_);
    return out;
  }

 private:
  const void* value_;
  void (*print_)(std::ostream& out, const void* value);
};

[[gnu::cold, gnu::noinline]] inline std::string joined(std::initializer_list<Printable> values) {
  std::ostringstream out;
  for (const Printable& value : values) out << value;
  return out.str();
}

template <class E>
[[noreturn, gnu::cold, gnu::noinline]] void refuse(std::initializer_list<Printable> values) {
  throw E(joined(values));
}

}  // namespace detail

/// Joins its arguments as `operator<<` prints them.
template <class... Args>
std::string join(const Args&... args) {
  return detail::joined({args...});
}

/// Throws E with the joined text of `args` unless `condition` holds.
template <class E = Error, class... Args>
void require(bool condition, const Args&... args) {
  if (!condition) detail::refuse<E>({args...});
}

}  // namespace glow
