#include "foreign/onnx/graph.hpp"

#include <span>

#include <glow/core/error.hpp>

namespace glow::foreign::onnx {

namespace {

// The version of the operators, and of the format that came with it. Of the operators that are used none has
// changed for float numbers since, so later versions compute the same; every reader of late 2022 or after has
// this one.
constexpr Index opset = 17, ir_version = 8;
constexpr std::size_t longest_file = (std::size_t{1} << 31) - 1;

// Numbers of fields in onnx.proto, by message.
namespace model {
constexpr int ir_version = 1, producer_name = 2, graph = 7, opset_import = 8, metadata_props = 14;
}
namespace opset_id {
constexpr int version = 2;
}
namespace entry {
constexpr int key = 1, value = 2;
}
namespace graph {
constexpr int node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node {
constexpr int input = 1, output = 2, name = 3, op_type = 4, attribute = 5;
}
namespace attribute {
constexpr int name = 1, i = 3, ints = 8, type = 20;
constexpr Index of_int = 2, of_ints = 7;
}  // namespace attribute
namespace tensor {
constexpr int dims = 1, data_type = 2, name = 8, raw_data = 9;
}
namespace value_info {
constexpr int name = 1, type = 2;
}
namespace type {
constexpr int tensor_type = 1, elem_type = 1, shape = 2;
}
namespace shape {
constexpr int dim = 1, dim_value = 1, dim_param = 2;
}

Message value_message(const std::string& name, Element element, const Dims& dims) {
  Message extents;
  for (const Index d : dims) {
    Message extent;
    if (d == batch) {
      extent.text(shape::dim_param, "N");
    } else {
      extent.number(shape::dim_value, d);
    }
    extents.message(shape::dim, extent);
  }
  Message tensor, any;
  tensor.number(type::elem_type, static_cast<Index>(element)).message(type::shape, extents);
  any.message(type::tensor_type, tensor);
  Message value;
  value.text(value_info::name, name).message(value_info::type, any);
  return value;
}

template <class T>
std::string_view as_text(std::span<const T> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

}  // namespace

Graph::Graph(const std::string& name) { graph_.text(graph::name, name); }

std::string Graph::unique(const std::string& name) {
  const std::string full = scope_.empty() ? name : scope_ + "/" + name;
  const int n = taken_[full]++;
  return n == 0 ? full : join(full, "_", n + 1);
}

Graph::Value Graph::input(const std::string& name, Element type, const Dims& dims) {
  graph_.message(graph::input, value_message(name, type, dims));
  ++taken_[name];
  return name;
}

void Graph::output(const Value& value, const Dims& dims) {
  graph_.message(graph::output, value_message(value, Element::float32, dims));
}

Graph::Value Graph::constant(const std::string& name, Element type, const Dims& dims,
                             std::string_view bytes) {
  Message t;
  for (const Index d : dims) t.number(tensor::dims, d);
  t.number(tensor::data_type, static_cast<Index>(type))
      .text(tensor::name, name)
      .text(tensor::raw_data, bytes);
  graph_.message(graph::initializer, t);
  return name;
}

Graph::Value Graph::floats(const std::string& name, const Dims& dims, const std::vector<float>& numbers) {
  return constant(unique(name), Element::float32, dims, as_text(std::span<const float>(numbers)));
}

Graph::Value Graph::scalar(float number) {
  const std::string bytes(as_text(std::span<const float>(&number, 1)));
  Value& value = scalars_[bytes];
  if (value.empty()) value = constant(join("number_", scalars_.size()), Element::float32, {}, bytes);
  return value;
}

Graph::Value Graph::integers(const Dims& numbers) {
  const std::vector<std::int64_t> copy(numbers.begin(), numbers.end());
  const std::string bytes(as_text(std::span<const std::int64_t>(copy)));
  Value& value = integers_[bytes];
  if (value.empty()) {
    value = constant(join("extents_", integers_.size()), Element::int64, {static_cast<Index>(copy.size())},
                     bytes);
  }
  return value;
}

void Graph::add_node(const char* op, const std::vector<Value>& inputs, const std::vector<Value>& outputs,
                     const std::vector<Attribute>& attributes) {
  Message n;
  for (const Value& value : inputs) n.text(node::input, value);
  for (const Value& value : outputs) n.text(node::output, value);
  n.text(node::name, outputs.front()).text(node::op_type, op);
  for (const Attribute& a : attributes) {
    Message m;
    m.text(attribute::name, a.name);
    if (a.number) m.number(attribute::i, *a.number);
    for (const Index v : a.numbers) m.number(attribute::ints, v);
    m.number(attribute::type, a.number ? attribute::of_int : attribute::of_ints);
    n.message(node::attribute, m);
  }
  graph_.message(graph::node, n);
}

Graph::Value Graph::node(const char* op, const std::vector<Value>& inputs,
                         const std::vector<Attribute>& attributes, const std::string& name) {
  const Value value = name.empty() ? unique(op) : name;
  add_node(op, inputs, {value}, attributes);
  return value;
}

std::vector<Graph::Value> Graph::nodes(const char* op, const std::vector<Value>& inputs, std::size_t outputs,
                                       const std::vector<Attribute>& attributes) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < outputs; ++i) values.push_back(unique(op));
  add_node(op, inputs, values, attributes);
  return values;
}

std::string Graph::file(const std::map<std::string, std::string>& metadata) const {
  Message version, file;
  version.number(opset_id::version, opset);
  file.number(model::ir_version, ir_version).text(model::producer_name, "glow");
  file.message(model::graph, graph_).message(model::opset_import, version);
  for (const auto& [key, value] : metadata) {
    Message pair;
    pair.text(entry::key, key).text(entry::value, value);
    file.message(model::metadata_props, pair);
  }
  require<FileError>(file.bytes().size() <= longest_file, "onnx: a graph has ", file.bytes().size(),
                     " bytes; a file can have ", longest_file);
  return std::move(file).bytes();
}

}  // namespace glow::foreign::onnx
