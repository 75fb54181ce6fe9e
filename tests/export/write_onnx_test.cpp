// What the graphs of ONNX are made of; export_cases and onnx_check.py run them.
#include "foreign/write_onnx.hpp"

#include <set>

#include "export/small_model.hpp"
#include "export/wire.hpp"
#include "files.hpp"

using namespace glow;
using namespace glow::test;

namespace {

// Those that readers of ONNX for browsers and phones are known to have.
const std::set<std::string> plain_operators{
    "Abs",     "Add",     "Atan",           "Cast",     "Concat", "Conv", "Div", "Exp",       "Expand",
    "Gather",  "Greater", "GreaterOrEqual", "Log",      "MatMul", "Mul",  "Neg", "ReduceSum", "Relu",
    "Reshape", "Sigmoid", "Softmax",        "Softplus", "Split",  "Sqrt", "Sub", "Transpose", "Where"};

// "x:Nx8x8x3" of an input or output, with the number of its type before it.
std::string value_text(const WireMessage& value) {
  const WireMessage tensor = value.message(2).message(1);
  std::string text = join(tensor.number(1), " ", value.text(1), ":");
  for (const WireMessage& dim : tensor.message(2).messages(1))
    text += (text.back() == ':' ? "" : "x") +
            (dim.texts(2).empty() ? std::to_string(dim.number(1)) : dim.text(2));
  return text;
}

std::vector<std::string> values_text(const WireMessage& graph, int field) {
  std::vector<std::string> all;
  for (const WireMessage& value : graph.messages(field)) all.push_back(value_text(value));
  return all;
}

// The graph of a file, in which nodes read only what is there before them.
WireMessage graph_in(const std::filesystem::path& file) {
  const WireMessage model(text_of(file));
  CHECK(model.number(1) == 8);
  CHECK(model.message(8).number(2) == 17);
  std::map<std::string, std::string> metadata;
  for (const WireMessage& entry : model.messages(14)) metadata[entry.text(1)] = entry.text(2);
  CHECK(metadata["format"] == "glow-checkpoint-2");
  const WireMessage graph = model.message(7);
  std::set<std::string> known;
  for (const WireMessage& value : graph.messages(11)) CHECK(known.insert(value.text(1)).second);
  for (const WireMessage& tensor : graph.messages(5)) {
    std::size_t size = tensor.number(2) == 7 ? sizeof(std::int64_t) : sizeof(float);
    for (const std::int64_t d : tensor.numbers(1)) size *= static_cast<std::size_t>(d);
    INFO(tensor.text(8));
    CHECK(tensor.text(9).size() == size);
    CHECK(known.insert(tensor.text(8)).second);
  }
  for (const WireMessage& node : graph.messages(1)) {
    INFO(node.text(3));
    CHECK(plain_operators.count(node.text(4)) == 1);
    for (const std::string& input : node.texts(1)) CHECK(known.count(input) == 1);
    for (const std::string& output : node.texts(2)) CHECK(known.insert(output).second);
  }
  for (const WireMessage& value : graph.messages(12)) CHECK(known.count(value.text(1)) == 1);
  return graph;
}

// What write_onnx says of a model that it refuses; nothing must be left behind.
std::string refusal_of_graphs(const SavedModel& model) {
  const TemporaryFolder folder;
  const std::string message = message_of<Error>([&] { foreign::write_onnx(folder / "x.onnx", model); });
  CHECK(names_in(folder.path()).empty());
  return message;
}

const Architecture graph_architecture{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true};

}  // namespace

TEST_CASE("onnx: two graphs of known operators, with batches of any size") {
  for (const CouplingMap map :
       {CouplingMap::affine, CouplingMap::additive, CouplingMap::exp, CouplingMap::spline}) {
    const TemporaryFolder folder;
    Architecture a = graph_architecture;
    a.coupling = map;
    foreign::write_onnx(folder / "x.onnx", saved_image_model(a, {8, 4, 3}));
    CHECK(names_in(folder.path()) == std::vector<std::string>{"x.log_p.onnx", "x.sample.onnx"});
    const WireMessage log_p = graph_in(folder / "x.log_p.onnx"), sample = graph_in(folder / "x.sample.onnx");
    CHECK(values_text(log_p, 11) == std::vector<std::string>{"1 x:Nx8x4x3"});
    CHECK(values_text(log_p, 12) == std::vector<std::string>{"1 z1:Nx4x2x6", "1 eps1:Nx4x2x6",
                                                             "1 z2:Nx2x1x24", "1 eps2:Nx2x1x24",
                                                             "1 log_p:N"});
    CHECK(values_text(sample, 11) ==
          std::vector<std::string>{"1 eps1:Nx4x2x6", "1 eps2:Nx2x1x24", "1 temperature:"});
    CHECK(values_text(sample, 12) == std::vector<std::string>{"1 x:Nx8x4x3"});
  }
}

TEST_CASE("onnx: classes and features are inputs") {
  const TemporaryFolder folder;
  Architecture classes = graph_architecture, context = graph_architecture;
  classes.classes = 3;
  context.context = {5};
  foreign::write_onnx(folder / "classes", saved_image_model(classes, {4, 4, 1}));
  foreign::write_onnx(folder / "context.v2", saved_image_model(context, {4, 4, 1}));
  CHECK(values_text(graph_in(folder / "classes.log_p.onnx"), 11).back() == "7 labels:N");
  CHECK(values_text(graph_in(folder / "classes.sample.onnx"), 11).back() == "7 labels:N");
  CHECK(values_text(graph_in(folder / "context.v2.log_p.onnx"), 11).back() == "1 context:Nx5");
  CHECK(values_text(graph_in(folder / "context.v2.sample.onnx"), 11).back() == "1 context:Nx5");
}

TEST_CASE("onnx: models without a graph are refused by what they are") {
  SavedModel model = saved_image_model(graph_architecture, {4, 4, 1});
  model.description.sample = {2};
  CHECK(contains(refusal_of_graphs(model), "samples 2 are no images"));
  model.description.sample = {4, 4, 1};
  model.description.architecture->context = {4, 4, 2};
  CHECK(contains(refusal_of_graphs(model), "a context that is an image 4x4x2"));
  model.description.architecture->context = {};
  model.description.coupling = "of_a_user";
  CHECK(contains(refusal_of_graphs(model), "couplings by 'of_a_user' have no graph"));
  model.description.architecture.reset();
  CHECK(contains(refusal_of_graphs(model), "made of its parts"));
}

TEST_CASE("onnx: tensors that are not the model's are refused by name") {
  SavedModel model = saved_image_model(graph_architecture, {4, 4, 1});
  auto& t = model.tensors.at(3);
  const std::string name = t.name;
  t.name = "another";
  CHECK(contains(refusal_of_graphs(model), "there is no tensor named '" + name + "'"));
  t.name = name;
  t.value = Tensor<float>(Shape{7, 5});
  CHECK(contains(refusal_of_graphs(model), "tensor '" + name + "' has shape 7x5, but "));
}

TEST_CASE("onnx: both files are written or neither") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "x.log_p.onnx");
  const SavedModel model = saved_image_model(graph_architecture, {4, 4, 1});
  CHECK(contains(message_of<FileError>([&] { foreign::write_onnx(folder / "x.onnx", model); }),
                 "x.log_p.onnx"));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"x.log_p.onnx"});
}
