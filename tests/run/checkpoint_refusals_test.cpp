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

  // A setting, also where the model is described.
  void set(const std::string& key, const nlohmann::json& value) {
    auto config = nlohmann::json::parse(metadata["config"]);
    config[key] = value;
    metadata["config"] = config.dump();
    if (metadata.count("model." + key) == 1 && value.is_number_integer())
      metadata["model." + key] = value.dump();
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
  CHECK(c.refusal() == "tensor 'level1/step1/extra' of shape 2x3 is not part of its architecture");
}

TEST_CASE("checkpoint: a state of the optimizer of another size is named") {
  Changed c;
  c.tensors["optimizer/first_moment"] = Tensor<float>(Shape{5});
  CHECK(contains(c.refusal(), "tensor 'optimizer/first_moment' has shape 5, but "));
}

TEST_CASE("checkpoint: a safetensors file of something else is refused") {
  Changed c;
  c.metadata["format"] = "pt";
  CHECK(c.refusal() == "its format is 'pt', not 'glow-checkpoint-2'");
  c.metadata["format"] = "glow-checkpoint-3";
  CHECK(c.refusal() ==
        "its format, 3, is newer than 2, the newest that this glow reads; a newer glow is needed");
  c.metadata.clear();
  CHECK(c.refusal() == "there is no metadata 'format'");
}

TEST_CASE("checkpoint: numbers in the metadata that are none are named") {
  for (const std::string key : {"model.levels", "step", "epoch", "adam_steps", "bad_steps"}) {
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
    CHECK(contains(c.refusal(), "metadata 'config', line 1: not valid JSON: "));
  }
  SECTION("unknown setting") {
    c.set("bacth", 3);
    CHECK(c.refusal() == "metadata 'config', line 1: there is no setting 'bacth'");
  }
  SECTION("sizes that no model can have") {
    c.set("depth", -1);
    CHECK(contains(c.refusal(), "metadata 'model.depth': '-1' must be a whole number from 1 to "));
  }
  SECTION("a model that no memory can hold") {
    c.set("width", 1'000'000'000);
    CHECK(contains(c.refusal(), "metadata 'model.width': '1000000000' must be a whole number from 1 to "));
  }
  SECTION("a batch, bits, or other numbers that no run can have") {
    for (const auto& [key, value, named] : std::vector<std::tuple<std::string, nlohmann::json, std::string>>{
             {"batch", 0, "batch: 0 must be 1 to 16777216"},
             {"batch", -5, "batch: -5 must be 1 to 16777216"},
             {"temperature", -1, "temperature: -1 must be at least 0 and finite"},
             {"lr", "fast", "lr: \"fast\" must be a number, above 0 and finite"}}) {
      c.set(key, value);
      CHECK(c.refusal() == "metadata 'config', line 1: " + named);
      c.set(key, nlohmann::json(to_json(Config())).at(key));
    }
  }
  SECTION("nested so deep that a reader that calls itself would crash") {
    c.metadata["config"] = std::string(200'000, '[');
    CHECK(contains(c.refusal(), "metadata 'config', line 1: objects and arrays are nested deeper than 32"));
  }
  SECTION("a setting that appears twice") {
    c.metadata["config"] = R"({"bits":5,"bits":4})";
    CHECK(c.refusal() == "metadata 'config', line 1: the key 'bits' appears twice");
  }
  SECTION("an image that does not fit") {
    c.metadata["model.sample"] = "3x4x3";
    CHECK(contains(c.refusal(), "height 3 must be even"));
    c.metadata["model.sample"] = "4x4x3x1";
    CHECK(contains(c.refusal(), "metadata 'model.sample': '4x4x3x1' must be up to 3 extents of 1 to "));
    c.metadata["model.sample"] = "4x4";
    CHECK(c.refusal() == "metadata 'model.sample': '4x4' must be HxWxC or D");
  }
  SECTION("another model than the file's") {
    c.metadata["model.bits"] = "4";
    CHECK(c.refusal() == "metadata 'config': bits is 5, but its model has 4");
  }
  SECTION("an image of another size than the configuration's") {
    c.set("size", "4x4");
    c.metadata["model.sample"] = "4096x4096x3";
    CHECK(c.refusal() == "metadata: images 4096x4096x3 do not fit the configuration's size 4x4");
  }
}

TEST_CASE("checkpoint: an architecture far beyond the tensors is refused before memory is taken for it") {
  Changed c;
  SECTION("width") {
    c.set("width", 65536);
    CHECK(contains(c.refusal(), "has shape 3x3x6x4, but 3x3x6x65536 is needed"));
  }
  SECTION("channels") {
    c.metadata["model.sample"] = "4x4x4096";
    CHECK(c.refusal() == "tensor 'level1/step1/actnorm/bias' has shape 12, but 16384 is needed");
  }
  SECTION("depth") {
    c.set("depth", 1024);
    CHECK(c.refusal() == "there is no tensor named 'level1/step2/actnorm/bias'");
  }
}

TEST_CASE("checkpoint: numbers that no model can have are named with their tensor") {
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              infinity = std::numeric_limits<float>::infinity();
  const std::string conv = "level1/step1/conv1x1/", bias = "level1/step1/actnorm/bias";
  const auto with = [](const std::string& name, Index i, float value) {
    Changed c;
    c.tensors.at(name).view()[i] = value;
    return c.refusal();
  };
  CHECK(with(bias, 3, nan) == "tensor '" + bias + "': number 3 is nan; it must be finite");
  CHECK(with(conv + "log_s", 0, -infinity) ==
        "tensor '" + conv + "log_s': number 0 is -inf; it must be finite");
  CHECK(with(conv + "sign_s", 1, 0) == "tensor '" + conv + "sign_s': number 1 is 0; it must be 1 or -1");
  CHECK(contains(with(conv + "sign_s", 1, nan), "number 1 is nan"));
  CHECK(with(conv + "permutation", 5, 0.5f) ==
        "tensor '" + conv + "permutation': number 5 is 0.5; it must be 0 or 1, as in a permutation");
  CHECK(with("optimizer/first_moment", 2, infinity) ==
        "tensor 'optimizer/first_moment': number 2 is inf; it must be finite");
  CHECK(with("optimizer/second_moment", 2, -1) ==
        "tensor 'optimizer/second_moment': number 2 is -1; it must be at least 0");
  CHECK(contains(with("optimizer/second_moment", 2, nan), "number 2 is nan; it must be at least 0"));
}

TEST_CASE("checkpoint: a matrix that is not a permutation is refused") {
  Changed c;
  const auto p = c.tensors.at("level1/step1/conv1x1/permutation").view();
  SECTION("zeros") {
    clear(p);
    CHECK(contains(c.refusal(), "permutation' is not a permutation: row 0 has 0 ones and column 0 has 0"));
  }
  SECTION("two rows alike") {
    std::copy(p.begin(), p.begin() + 12, p.begin() + 12);
    CHECK(contains(c.refusal(), "permutation' is not a permutation: row "));
  }
}

TEST_CASE("checkpoint: an order of channels that names one of them twice, or none, is refused") {
  const std::string name = "level1/step1/permutation/order";
  const auto refusal = [&](std::vector<float> order) {
    return message_of<CheckpointError>(
        [&] { check_model_numbers(name, View<const float>(order.data(), {4})); });
  };
  CHECK(refusal({3, 1, 0, 2}).empty());
  CHECK(refusal({3, 1, 1, 2}) == "tensor '" + name + "' is not an order: it names channel 1 twice");
  CHECK(refusal({3, 1, 0, 4}) == "tensor '" + name + "': number 3 is 4; it must be a channel, 0 to 3");
  CHECK(contains(refusal({-1, 1, 0, 2}), "number 0 is -1; it must be a channel"));
  CHECK(contains(refusal({3, 1.5, 0, 2}), "number 1 is 1.5; it must be a channel"));
  CHECK(contains(refusal({3, 1, std::nanf(""), 2}), "number 2 is nan; it must be a channel"));
}

TEST_CASE("checkpoint: counts that contradict one another are named") {
  Changed c;
  SECTION("more steps taken than done") {
    c.metadata["adam_steps"] = "3";
    CHECK(c.refusal() == "metadata 'adam_steps': '3' must be a whole number from 0 to 2");
  }
  SECTION("steps that were taken and not finite") {
    c.metadata["bad_steps"] = "1";
    CHECK(c.refusal() == "metadata 'bad_steps': '1' must be a whole number from 0 to 0");
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
  CHECK(contains(refused("run"), "'" + (folder / "run").string() + "': no checkpoints/step_*.safetensors"));
  CHECK(contains(refused("run/checkpoints"), "is it a run of glow train that saved?"));
}
