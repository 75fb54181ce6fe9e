// Checkpoints that are damaged, or belong to another model.
#include "program/child.hpp"
#include "run/small_trainer.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

// A checkpoint of the small model, some of which may be changed before it is written.
struct Changed {
  TemporaryFolder folder;
  std::filesystem::path path = folder / "changed.safetensors";
  std::map<std::string, Tensor<float>> tensors;
  std::map<std::string, std::string> metadata;

  Changed() {
    SmallTrainer().save(path);
    const auto file = SafetensorsFile::open(path);
    metadata = file.metadata();
    for (const TensorInfo& t : file.tensors()) tensors[t.name] = file.read<float>(t.name);
  }

  void set(const std::string& key, const nlohmann::json& value) {
    auto config = nlohmann::json::parse(metadata["config"]);
    config[key] = value;
    metadata["config"] = config.dump();
  }

  // What opening it is refused with, less the name of the file, which must lead.
  std::string refusal() const {
    SafetensorsWriter writer;
    for (const auto& [name, x] : tensors) writer.add(name, x.view());
    for (const auto& [key, value] : metadata) writer.metadata(key, value);
    writer.save(path);
    const std::string text = message_of<CheckpointError>([&] { open_checkpoint(path); });
    const std::string lead = "'" + path.string() + "': ";
    return text.rfind(lead, 0) == 0 ? text.substr(lead.size()) : "does not name its file: " + text;
  }
};

}  // namespace

TEST_CASE("checkpoint: a tensor of another shape is named with both shapes") {
  Changed c;
  c.set("width", 6);
  CHECK(contains(c.refusal(), "tensor 'level1/step1/coupling/"));
  CHECK(contains(c.refusal(), "4, but "));
  CHECK(contains(c.refusal(), "6 is needed"));
}

TEST_CASE("checkpoint: a tensor that is missing is named") {
  Changed c;
  SECTION("of a layer") {
    c.set("depth", 2);
    CHECK(c.refusal() == "there is no tensor named 'level1/step2/actnorm/bias'");
  }
  SECTION("of the optimizer") {
    c.tensors.erase("optimizer/second_moment");
    CHECK(c.refusal() == "there is no tensor named 'optimizer/second_moment'");
  }
}

TEST_CASE("checkpoint: a tensor that the architecture does not have is named") {
  Changed c;
  c.tensors["level1/step1/extra"] = Tensor<float>(Shape{2, 3});
  CHECK(c.refusal() == "tensor 'level1/step1/extra' of shape 2x3 is no part of its architecture");
}

TEST_CASE("checkpoint: a state of the optimizer of another size is named") {
  Changed c;
  c.tensors["optimizer/first_moment"] = Tensor<float>(Shape{5});
  CHECK(contains(c.refusal(), "tensor 'optimizer/first_moment' has shape 5, but "));
}

TEST_CASE("checkpoint: a safetensors file of something else is refused") {
  Changed c;
  c.metadata["format"] = "pt";
  CHECK(c.refusal() == "its format is 'pt', not 'glow-checkpoint-1'");
  c.metadata.clear();
  CHECK(c.refusal() == "there is no metadata 'format'");
}

TEST_CASE("checkpoint: numbers in the metadata that are none are named") {
  for (const std::string key : {"height", "step", "epoch", "adam_steps", "bad_steps"}) {
    for (const std::string value : {"", "x", "3x", "99999999999999999999", "-1"}) {
      Changed c;
      c.metadata[key] = value;
      CHECK(contains(c.refusal(), "metadata '" + key + "': '" + value + "' must be a whole number from "));
    }
  }
}

TEST_CASE("checkpoint: a configuration that cannot be is refused") {
  Changed c;
  SECTION("no JSON") {
    c.metadata["config"] = "{";
    CHECK(contains(c.refusal(), "its configuration is no JSON: "));
  }
  SECTION("unknown setting") {
    c.set("bacth", 3);
    CHECK(c.refusal() == "config: there is no setting 'bacth'");
  }
  SECTION("sizes that no model can have") {
    c.set("depth", -1);
    CHECK(contains(c.refusal(), "depth: -1"));
  }
  SECTION("a model that no memory can hold") {
    c.set("width", 1'000'000'000);
    CHECK(contains(c.refusal(), "width: 1000000000 must be"));
  }
  SECTION("an image that does not fit") {
    c.metadata["height"] = "3";
    CHECK(contains(c.refusal(), "height 3 must be even"));
  }
}

TEST_CASE("checkpoint: a file cut short is refused wherever it is cut") {
  const TemporaryFolder folder;
  SmallTrainer().save(folder / "whole");
  const std::string whole = text_of(folder / "whole");
  for (std::size_t n = 0; n < whole.size(); n += whole.size() / 40 + 1) {
    write_file_atomically(folder / "cut", whole.substr(0, n));
    CHECK(contains(message_of<CheckpointError>([&] { open_checkpoint(folder / "cut"); }),
                   "'" + (folder / "cut").string() + "': "));
  }
}

TEST_CASE("checkpoint: what is missing is named, and a folder that is no run") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& name) {
    return message_of<FileError>([&] { open_checkpoint(folder / name); });
  };
  CHECK(refused("none") ==
        "'" + (folder / "none").string() + "' does not exist; give a run folder or a checkpoint");
  std::filesystem::create_directories(folder / "run/checkpoints");
  CHECK(contains(refused("run"), "'" + (folder / "run").string() + "': no checkpoints/*.safetensors"));
  CHECK(contains(refused("run/checkpoints"), "is it a run of glow train?"));
}
