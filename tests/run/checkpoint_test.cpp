#include "run/checkpoint.hpp"

#include "program/glow.hpp"
#include "run/small_trainer.hpp"

using namespace glow;
using namespace glow::app;
using namespace glow::test;

TEST_CASE("checkpoint: everything that a run needs comes back with the same bits") {
  const TemporaryFolder folder;
  SmallTrainer a;
  a.trainer.set_steps(7, 2);
  a.save(folder / "a.safetensors");
  const Checkpoint c = open_checkpoint(folder / "a.safetensors");
  CHECK(to_json(c.config) == to_json(a.config));
  CHECK(c.image == a.image);
  CHECK(c.position == a.position);
  CHECK(c.step == 7);
  const auto& saved = a.model.parameters().entries();
  const auto& read = c.model->parameters().entries();
  REQUIRE(saved.size() == read.size());
  for (std::size_t i = 0; i < saved.size(); ++i) {  // derived ones too: they are computed anew
    INFO(saved[i].name);
    CHECK(same_bits<float>(saved[i].value, read[i].value));
  }
  GlowTrainer trainer(*c.model, c.config.train_options());
  c.restore(trainer);
  CHECK(trainer.steps() == 7);
  CHECK(trainer.bad_steps() == 2);
  CHECK(trainer.adam().steps() == a.trainer.adam().steps());
  CHECK(same_bits<float>(trainer.adam().first_moment(), a.trainer.adam().first_moment()));
  CHECK(same_bits<float>(trainer.adam().second_moment(), a.trainer.adam().second_moment()));
}

TEST_CASE("checkpoint: saved once more it is the same file") {
  const TemporaryFolder folder;
  SmallTrainer a;
  a.save(folder / "a.safetensors");
  const Checkpoint c = open_checkpoint(folder / "a.safetensors");
  GlowTrainer trainer(*c.model, c.config.train_options());
  c.restore(trainer);
  save_checkpoint(folder / "b.safetensors", trainer, c.position, c.config, c.image);
  CHECK(read_file(folder / "a.safetensors") == read_file(folder / "b.safetensors"));
}

TEST_CASE("checkpoint: permutations and signs are in it, and what derives from others is not") {
  const TemporaryFolder folder;
  SmallTrainer a;
  a.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  std::set<std::string> constants;
  for (const auto& e : a.model.parameters().entries()) {
    INFO(e.name);
    CHECK(file.contains(e.name) == (e.role != Role::derived));
    if (e.role == Role::constant) constants.insert(e.name);
  }
  CHECK(constants ==
        std::set<std::string>{"level1/step1/conv1x1/permutation", "level1/step1/conv1x1/sign_s"});
}

TEST_CASE("checkpoint: another program reads the same names, shapes and numbers") {
  if (std::string(GLOW_PYTHON).empty()) {
    WARN("not tested: there is no Python");
    return;
  }
  const TemporaryFolder folder;
  SmallTrainer a;
  a.save(folder / "a.safetensors");
  const std::string script = R"(
import json, struct, sys
data = open(sys.argv[1], "rb").read()
n, = struct.unpack("<Q", data[:8])
header = json.loads(data[8:8 + n])
print(header.pop("__metadata__")["format"])
for name, t in header.items():
    begin, end = t["data_offsets"]
    numbers = struct.unpack("<%df" % ((end - begin) // 4), data[8 + n + begin:8 + n + end])
    print(name, t["dtype"], "x".join(map(str, t["shape"])), *(x.hex() for x in numbers))
)";
  const Outcome o = Child({GLOW_PYTHON, "-c", script, (folder / "a.safetensors").string()}).wait();
  INFO(o.err);
  REQUIRE(o.status == 0);
  std::istringstream in(o.out);
  std::string format, name, dtype, shape, number;
  in >> format;
  CHECK(format == "glow-checkpoint-1");
  const auto expect = [&](const std::string& tensor, View<const float> x) {
    in >> name >> dtype >> shape;
    INFO(tensor);
    CHECK(name == tensor);
    CHECK(dtype == "F32");
    CHECK(shape == x.shape().str());
    bool same = true;
    for (const float v : x) same = (in >> number) && std::strtof(number.c_str(), nullptr) == v && same;
    CHECK(same);
  };
  for (const auto& e : a.model.parameters().entries()) {
    if (e.role != Role::derived) expect(e.name, e.value);
  }
  expect("optimizer/first_moment", a.trainer.adam().first_moment());
  expect("optimizer/second_moment", a.trainer.adam().second_moment());
  CHECK(!(in >> name));
}

TEST_CASE("checkpoint: of a run's checkpoints the last step's is opened") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "checkpoints");
  SmallTrainer a;
  for (const Index step : {99, 100, 123456789}) {
    a.trainer.set_steps(step);
    a.save(checkpoint_path(folder.path(), step));
    CHECK(open_checkpoint(folder.path()).step == step);
  }
  CHECK(checkpoint_path(folder.path(), 100) == folder / "checkpoints/step_00000100.safetensors");
}
