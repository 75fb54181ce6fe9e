// The tensors of one model in a file, by their names within it.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <glow/core/error.hpp>

#include "foreign/file.hpp"

namespace glow::foreign {

/// The arrays of a file whose names begin with `prefix`, which is left out of names here. Everything throws
/// CheckpointError, naming the file and the tensor, with what was found and what is needed.
class Tensors {
 public:
  Tensors(const File& file, std::string prefix);

  const std::string& file() const { return file_.name; }
  bool has(const std::string& name) const { return arrays_.count(name) == 1; }
  /// Whether a name begins so.
  bool has_any(const std::string& begin) const;
  const std::vector<Index>& shape(const std::string& name) const { return array(name).shape; }
  /// The numbers of a tensor in rows, which is then known to be part of the model. Its shape must be `shape`,
  /// but for axes of extent 1. Throws FileError for numbers of a type that models do not have.
  std::vector<double> take(const std::string& name, const std::vector<Index>& shape);
  /// Says that a tensor is known, and not needed.
  void leave(const std::string& name) { left_.insert(name); }
  /// Throws if there is a tensor that nobody took or left.
  void finish(const std::string& model) const;

  template <class... Args>
  void check(bool condition, const Args&... args) const {
    require<CheckpointError>(condition, "'", file_.name, "': ", join(args...));
  }

 private:
  const Array& array(const std::string& name) const;

  const File& file_;
  std::string prefix_;
  std::map<std::string, const Array*> arrays_;
  std::set<std::string> left_;
};

/// "3x3x16"
std::string shape_text(const std::vector<Index>& shape);

}  // namespace glow::foreign
