// A graph of ONNX. Source of the format: https://github.com/onnx/onnx, onnx/onnx.proto and docs/IR.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <glow/core/index.hpp>

#include "foreign/onnx/message.hpp"

namespace glow::foreign::onnx {

/// Types of elements, by their numbers in TensorProto.DataType.
enum class Element { float32 = 1, int64 = 7 };

/// Extents of a tensor of any rank.
using Dims = std::vector<Index>;

/// As the first extent of an input or output: any number of samples.
inline constexpr Index batch = -1;

/// A whole number or several, of a node.
struct Attribute {
  std::string name;
  std::optional<Index> number;
  Dims numbers;
};

/// Nodes in the order in which they compute. A value is known by its name.
class Graph {
 public:
  using Value = std::string;

  /// `name`: of the graph, such as "log_p".
  explicit Graph(const std::string& name);

  /// What names of values and constants begin with from now on, such as "level1/step2".
  void within(std::string scope) { scope_ = std::move(scope); }

  Value input(const std::string& name, Element type, const Dims& dims);
  /// Makes a value that a node was given the name of an output.
  void output(const Value& value, const Dims& dims);

  /// A constant, whose numbers are not checked for whether they are in the graph already.
  Value floats(const std::string& name, const Dims& dims, const std::vector<float>& numbers);
  /// A constant that is one number.
  Value scalar(float number);
  /// A constant of whole numbers [n].
  Value integers(const Dims& numbers);

  /// A node of one output, which is called `name` or, without one, by the scope and the operator.
  Value node(const char* op, const std::vector<Value>& inputs, const std::vector<Attribute>& attributes = {},
             const std::string& name = "");
  /// A node of several outputs.
  std::vector<Value> nodes(const char* op, const std::vector<Value>& inputs, std::size_t outputs,
                           const std::vector<Attribute>& attributes = {});

  /// The bytes of a file that holds this graph. Throws FileError for 2 GiB or more, which Protocol Buffers
  /// cannot hold.
  std::string file(const std::map<std::string, std::string>& metadata) const;

 private:
  Value constant(const std::string& name, Element type, const Dims& dims, std::string_view bytes);
  std::string unique(const std::string& name);
  void add_node(const char* op, const std::vector<Value>& inputs, const std::vector<Value>& outputs,
                const std::vector<Attribute>& attributes);

  std::string scope_;
  Message graph_;
  std::map<std::string, Value> scalars_, integers_;  // by their bytes
  std::map<std::string, int> taken_;
};

}  // namespace glow::foreign::onnx
