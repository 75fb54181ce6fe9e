#include <glow/io/safetensors.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A tensor with the extreme numbers of its type.
template <class T>
Tensor<T> extremes(const Shape& shape) {
  using limits = std::numeric_limits<T>;
  Tensor<T> x(shape);
  for (Index i = 0; i < x.size(); ++i) x[i] = static_cast<T>(3 * i);
  x[0] = limits::max();
  x[1] = limits::lowest();
  if constexpr (limits::has_infinity) {
    x[2] = -limits::infinity();
    x[3] = limits::denorm_min();
    x[4] = limits::signaling_NaN();
  }
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("safetensors: numbers of every type come back with the same bits", "", float, double,
                   std::int64_t, std::int32_t, std::uint8_t) {
  const TemporaryFolder folder;
  const Tensor<std::uint8_t> odd(Shape{3});  // so that what follows lies unaligned
  const auto x = extremes<TestType>({2, 3, 1, 2});
  const auto again = extremes<TestType>({12});
  SafetensorsWriter writer;
  writer.add("odd", odd.view());
  writer.add("x", x.view());
  writer.add("again", again.view());
  writer.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  REQUIRE(file.tensors().size() == 3);
  CHECK(file.info("x").shape_text() == "2x3x1x2");
  CHECK(same_bits<TestType>(file.read<TestType>("x"), x));
  Tensor<TestType> out(Shape{12});
  file.read_into("again", out.view());
  CHECK(same_bits<TestType>(out, again));
}

TEST_CASE("safetensors: scalars and tensors without elements come back") {
  const TemporaryFolder folder;
  Tensor<float> scalar{Shape{}};
  scalar[0] = 2.5f;
  const Tensor<double> none(Shape{2, 0, 3});
  SafetensorsWriter writer;
  writer.add("none", none.view());
  writer.add("scalar", scalar.view());
  writer.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  CHECK(file.read<float>("scalar").shape() == Shape{});
  CHECK(file.read<float>("scalar")[0] == 2.5f);
  CHECK(file.read<double>("none").shape() == Shape{2, 0, 3});
}

TEST_CASE("safetensors: a file without tensors or metadata comes back") {
  const TemporaryFolder folder;
  SafetensorsWriter().save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  CHECK(file.tensors().empty());
  CHECK(file.metadata().empty());
}

TEST_CASE("safetensors: quotes, backslashes, control characters and UTF-8 in names and metadata come back") {
  const TemporaryFolder folder;
  const Tensor<float> x(Shape{1});
  const std::string all = "a \"b\" \\c\\\\ /d \n\t\x01\x1f\x7f äöü € 𝄞 {}[]:,";
  SafetensorsWriter writer;
  for (const std::string& name : {all, std::string(), std::string("\\")}) {
    writer.add("tensor" + name, x.view());
    writer.metadata("key" + name, "value" + name);
  }
  writer.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  for (const std::string& name : {all, std::string(), std::string("\\")}) {
    CHECK(file.contains("tensor" + name));
    CHECK(file.metadata("key" + name) == "value" + name);
  }
  CHECK(file.metadata().size() == 3);
}

TEST_CASE("safetensors: the numbers start at a multiple of 8 bytes, whatever the header's length") {
  const TemporaryFolder folder;
  const Tensor<double> x(Shape{1});
  for (std::size_t n = 1; n <= 8; ++n) {
    SafetensorsWriter writer;
    writer.add(std::string(n, 'x'), x.view());
    writer.save(folder / "a.safetensors");
    CHECK(read_file(folder / "a.safetensors").size() % 8 == 0);
  }
}

TEST_CASE("safetensors: numbers of one type are read as another") {
  const TemporaryFolder folder;
  Tensor<double> x(Shape{3});
  x[0] = 0.1, x[1] = -2, x[2] = 1e300;
  SafetensorsWriter writer;
  writer.add("x", x.view());
  writer.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  CHECK(file.read<float>("x")[0] == 0.1f);
  CHECK(file.read<float>("x")[1] == -2);
  CHECK(std::isinf(file.read<float>("x")[2]));
}

TEST_CASE("safetensors: what is not in the file is named, with the file") {
  const TemporaryFolder folder;
  const auto path = folder / "a.safetensors";
  const Tensor<float> x(Shape{2, 3});
  SafetensorsWriter writer;
  writer.add("x", x.view());
  writer.save(path);
  const auto file = SafetensorsFile::open(path);
  const std::string quoted = "'" + path.string() + "'";
  CHECK(message_of<CheckpointError>([&] { file.read<float>("y"); }) ==
        quoted + ": there is no tensor named 'y'");
  CHECK(message_of<CheckpointError>([&] { file.metadata("step"); }) ==
        quoted + ": there is no metadata 'step'");
  Tensor<float> out(Shape{3, 2});
  CHECK(message_of<CheckpointError>([&] { file.read_into("x", out.view()); }) ==
        quoted + ": tensor 'x' has shape 2x3, but 3x2 is needed");
  CHECK_THROWS_AS(SafetensorsFile::open(folder / "none"), FileError);
}

TEST_CASE("safetensors: the writer refuses a name twice and the name of the metadata") {
  const Tensor<float> x(Shape{1});
  SafetensorsWriter writer;
  writer.add("x", x.view());
  CHECK(contains(message_of([&] { writer.add("x", x.view()); }), "'x' is taken"));
  CHECK(contains(message_of([&] { writer.add("__metadata__", x.view()); }), "'__metadata__' is taken"));
}
