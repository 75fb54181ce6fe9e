#include "run/checkpoint.hpp"

#include <glow/runtime/nets.hpp>

#include "program/glow.hpp"
#include "run/small_trainer.hpp"

using namespace glow;
using namespace glow::app;
using namespace glow::test;

namespace {

void check_same(const TrainingState& a, const TrainingState& b) {
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    INFO(a.tensors[i].name);
    CHECK(a.tensors[i].name == b.tensors[i].name);
    CHECK(same_bits<float>(a.tensors[i].value.view(), b.tensors[i].value.view()));
  }
  CHECK(same_bits<float>(a.first_moment.view(), b.first_moment.view()));
  CHECK(same_bits<float>(a.second_moment.view(), b.second_moment.view()));
  CHECK(a.steps == b.steps);
  CHECK(a.taken_steps == b.taken_steps);
  CHECK(a.bad_steps == b.bad_steps);
}

}  // namespace

TEST_CASE("checkpoint: everything that a run needs comes back with the same bits") {
  const TemporaryFolder folder;
  const SmallTrainer a;
  TrainingState state = a.trainer->state();
  CHECK(state.steps == 2);
  state.steps = 7;
  state.taken_steps = 4;
  state.bad_steps = 2;
  save_checkpoint(folder / "a.safetensors", state, a.position, a.config, a.image);
  const Checkpoint c = open_checkpoint(folder / "a.safetensors");
  CHECK(to_json(c.config) == to_json(a.config));
  CHECK(c.image == a.image);
  CHECK(c.position == a.position);
  check_same(c.state, state);
  const auto model = c.model("cpu");
  const auto trainer = model->trainer(c.config.train_options());
  trainer->set_state(c.state);
  check_same(trainer->state(), state);
}

TEST_CASE("checkpoint: the record of the data comes back, and a damaged one is refused") {
  const TemporaryFolder folder;
  const SmallTrainer a;
  const DataRecord record{"photos", "/photos", Fingerprint::contents, true, 2, 77, {5, -6, 7}, {8}};
  save_checkpoint(folder / "a.safetensors", a.trainer->state(), a.position, a.config, a.image, record);
  const Checkpoint c = open_checkpoint(folder / "a.safetensors");
  REQUIRE(c.data);
  CHECK(to_json(*c.data) == to_json(record));
  CHECK(c.data->images == record.images);
  CHECK(c.data->earlier == record.earlier);
  save_checkpoint(folder / "b.safetensors", c.state, c.position, c.config, c.image, c.data);
  CHECK(read_file(folder / "a.safetensors") == read_file(folder / "b.safetensors"));

  std::string damaged = text_of(folder / "a.safetensors");
  damaged.replace(damaged.find("last_train_key"), 4, "lost");
  write_file_atomically(folder / "a.safetensors", damaged);
  CHECK(contains(message_of<CheckpointError>([&] { open_checkpoint(folder / "a.safetensors"); }),
                 "a.safetensors': its record of the data is damaged: "));
}

TEST_CASE("checkpoint: saved once more it is the same file") {
  const TemporaryFolder folder;
  const SmallTrainer a;
  a.save(folder / "a.safetensors");
  const Checkpoint c = open_checkpoint(folder / "a.safetensors");
  save_checkpoint(folder / "b.safetensors", c.state, c.position, c.config, c.image);
  CHECK(read_file(folder / "a.safetensors") == read_file(folder / "b.safetensors"));
}

TEST_CASE("checkpoint: permutations and signs are in it, and what derives from others is not") {
  const TemporaryFolder folder;
  const SmallTrainer a;
  a.save(folder / "a.safetensors");
  const auto file = SafetensorsFile::open(folder / "a.safetensors");
  std::set<std::string> constants;
  const Model<ImageNet> model(a.config.architecture(), a.image);
  for (const auto& e : model.parameters().entries()) {
    INFO(e.name);
    CHECK(file.contains(e.name) == (e.role != Role::derived));
    if (e.role == Role::constant) constants.insert(e.name);
  }
  CHECK(constants ==
        std::set<std::string>{"level1/step1/conv1x1/permutation", "level1/step1/conv1x1/sign_s"});
}

TEST_CASE("checkpoint: another program reads the same names, shapes and numbers") {
  if (std::string(python).empty()) {
    WARN("not tested: there is no Python");
    return;
  }
  const TemporaryFolder folder;
  const SmallTrainer a;
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
  const Outcome o = Child({python, "-c", script, (folder / "a.safetensors").string()}).wait();
  INFO(o.err);
  REQUIRE(o.status == 0);
  std::istringstream in(o.out);
  std::string format, name, dtype, shape, number;
  in >> format;
  CHECK(format == "glow-checkpoint-2");
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
  const TrainingState state = a.trainer->state();
  for (const auto& e : state.tensors) expect(e.name, e.value.view());
  expect("optimizer/first_moment", state.first_moment.view());
  expect("optimizer/second_moment", state.second_moment.view());
  CHECK(!(in >> name));
}

TEST_CASE("checkpoint: of a run's checkpoints the last step's is opened") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "checkpoints");
  const SmallTrainer a;
  TrainingState state = a.trainer->state();
  for (const Index step : {99, 100, 123456789}) {
    state.steps = step;
    save_checkpoint(checkpoint_path(folder.path(), step), state, a.position, a.config, a.image);
    CHECK(open_checkpoint(folder.path()).state.steps == step);
  }
  CHECK(checkpoint_path(folder.path(), 100) == folder / "checkpoints/step_00000100.safetensors");
}
