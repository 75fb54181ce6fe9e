#include "run/config.hpp"

#include <glow/io/atomic_file.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
using nlohmann::json;

Config with(const json& settings) { return config_from_json(settings); }

std::string refusal_of_settings(const json& settings) {
  return message_of([&] { config_from_json(settings); });
}

// What a run of 100 images to train on is refused with.
std::string unresolved(const json& settings) {
  return message_of([&] { with(settings).resolve(100); });
}

}  // namespace

TEST_CASE("config: every setting comes back from JSON") {
  json written = to_json(Config());
  for (auto& [key, value] : written.items()) {
    if (value.is_boolean()) {
      value = !value.get<bool>();
    } else if (value.is_number_float()) {
      value = value.get<double>() + 0.1;
    } else if (value.is_number()) {
      value = value.get<int>() + 1;
    }
  }
  written["data"] = " \"ü\\";
  written["size"] = "48x64";
  written["device"] = "cuda";
  written["precision"] = "bf16";
  written["activations"] = "lean";
  written["seed"] = UINT64_MAX;
  CHECK(to_json(config_from_json(written)) == written);
  CHECK(to_json(config_from_json(json::parse(written.dump()))) == written);
}

TEST_CASE("config: what is absent keeps its default") {
  json expected = to_json(Config());
  CHECK(to_json(with(json::object())) == expected);
  expected["lr"] = 1;
  CHECK(to_json(with({{"lr", 1}})) == expected);  // a whole number serves as a fraction
}

TEST_CASE("config: an unknown key is named") {
  CHECK(refusal_of_settings({{"batch", 1}, {"bacth", 2}}) == "there is no setting 'bacth'");
  CHECK(refusal_of_settings({{std::string(1000, 'x'), 2}}).size() < 200);
}

TEST_CASE("config: a value of the wrong kind is named, with what would be right") {
  CHECK(refusal_of_settings({{"batch", "64"}}) == "batch: \"64\" must be a whole number, 1 to 16777216");
  CHECK(refusal_of_settings({{"batch", 6.5}}) == "batch: 6.5 must be a whole number, 1 to 16777216");
  CHECK(refusal_of_settings({{"lr", nullptr}}) == "lr: null must be a number, above 0 and finite");
  CHECK(refusal_of_settings({{"flip", 1}}) == "flip: 1 must be true or false");
  CHECK(refusal_of_settings({{"size", {64, 64}}}) == "size: [64,64] must be a string");
  CHECK(refusal_of_settings({{"seed", -1}}) == "seed: -1 must be at least 0");
  CHECK(refusal_of_settings({{"depth", 10'000'000'000}}) == "depth: 10000000000 must be 1 to 1024");
  CHECK(refusal_of_settings({{"width", UINT64_MAX}}) == "width: 18446744073709551615 must be 1 to 65536");
  CHECK(refusal_of_settings({{"bits", std::string(1000, 'x')}}).size() < 200);
  CHECK(refusal_of_settings(json::array()) == "config: a JSON object is needed");
}

TEST_CASE("config: values out of range are named with what would be right") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(refusal_of_settings({{"batch", 0}}) == "batch: 0 must be 1 to 16777216");
  CHECK(refusal_of_settings({{"batch", -5}}) == "batch: -5 must be 1 to 16777216");
  CHECK(refusal_of_settings({{"bits", 9}}) == "bits: 9 must be 1 to 8");
  CHECK(refusal_of_settings({{"bits", 0}}) == "bits: 0 must be 1 to 8");
  CHECK(refusal_of_settings({{"levels", 17}}) == "levels: 17 must be 1 to 16");
  CHECK(refusal_of_settings({{"width", 0}}) == "width: 0 must be 1 to 65536");
  CHECK(refusal_of_settings({{"steps", -1}}) == "steps: -1 must be at least 0");
  CHECK(refusal_of_settings({{"save_every", -1}}) == "save_every: -1 must be at least 0");
  CHECK(refusal_of_settings({{"warmup_epochs", -0.5}}) ==
        "warmup_epochs: -0.5 must be at least 0 and finite");
  CHECK(refusal_of_settings({{"epochs", std::nan("")}}) == "epochs: nan must be at least 0 and finite");
  CHECK(refusal_of_settings({{"lr", 0}}) == "lr: 0 must be above 0 and finite");
  CHECK(refusal_of_settings({{"lr", infinity}}) == "lr: inf must be above 0 and finite");
  CHECK(refusal_of_settings({{"temperature", -1}}) == "temperature: -1 must be at least 0 and finite");
  CHECK(refusal_of_settings({{"temperature", 1e39}}) ==
        "temperature: 1e+39 must be at least 0 and finite");  // as a float
  CHECK(refusal_of_settings({{"train_split", 0}}) == "train_split: 0 must be above 0 and finite");
  CHECK(refusal_of_settings({{"threads", -1}}) == "threads: -1 must be 0 to 1024");
  CHECK(refusal_of_settings({{"activation_mib", 1 << 25}}) ==
        "activation_mib: 33554432 must be 0 to 16777216");
  CHECK(contains(unresolved({{"epochs", 0}}), "epochs: 0"));
  CHECK(contains(unresolved({{"epochs", 1e300}}), "epochs: 1e+300"));
  CHECK(contains(unresolved({{"warmup_epochs", 1e300}}), "warmup_epochs: 1e+300"));
}

TEST_CASE("config: a size is HxW") {
  CHECK(!with(json::object()).image_size());
  const auto size = with({{"size", "48x64"}}).image_size();
  REQUIRE(size);
  CHECK(size->height == 48);
  CHECK(size->width == 64);
  for (const std::string text : {"64", "64x", "x64", "64x64x3", "64 64", "64x64 ", "0x64", "64x-1", "4097x64",
                                 "99999999999999999999x1"}) {
    INFO(text);
    CHECK(contains(message_of([&] { with({{"size", text}}); }), "size: '" + text + "' must be HxW"));
  }
}

TEST_CASE("config: images to train on are a share or a number, and some are left to validate on") {
  CHECK(with({{"train_split", 0.9}}).train_images(1797) == 1617);
  CHECK(with({{"train_split", 1600}}).train_images(1797) == 1600);
  for (const double split : {0.0, -1.0, 1.0, 1797.0, 0.0001, 1e300, std::nan("")}) {
    INFO(split);
    CHECK(contains(message_of([&] {
                     with({{"train_split", split}}).train_images(1797);
                   }),
                   join("train_split: ", split)));
  }
}

TEST_CASE("config: steps are those given, else those of the epochs rounded up") {
  const auto steps = [](const json& settings) {
    Config c = with(settings);
    c.resolve(100);
    return c.steps;
  };
  CHECK(steps({{"batch", 32}, {"epochs", 2}}) == 7);
  CHECK(steps({{"batch", 32}, {"epochs", 0.1}}) == 1);
  CHECK(steps({{"batch", 32}, {"epochs", 2}, {"steps", 5}}) == 5);
}

TEST_CASE("config: the warm-up's epochs are added to its steps once") {
  Config c = with({{"batch", 25}, {"steps", 9}, {"warmup_epochs", 0.5}, {"warmup_steps", 3}});
  c.resolve(100);
  CHECK(c.warmup_steps == 5);
  c.resolve(100);
  CHECK(c.warmup_steps == 5);
  CHECK(c.train_options().warmup_steps == 5);
}

TEST_CASE(
    "config: the names of classes are a list of texts, of any bytes, and make the classes of the model") {
  const std::vector<std::string> names{"cat", "\xff", "\xc3\xa9"};
  Config c;
  CHECK(c.architecture().classes == 0);
  c.classes = true;
  c.class_names = names;
  CHECK(c.architecture().classes == 3);
  CHECK(c.architecture().conditional == Conditional::priors);
  CHECK(config_from_json(json::parse(json_text(c))).class_names == names);
  CHECK(config_from_json({{"condition", "all"}}).architecture().conditional == Conditional::all);
  const auto refused = [](const json& value) {
    return message_of([&] { config_from_json({{"class_names", value}}); });
  };
  CHECK(refused("cat") == "class_names: \"cat\" must be a list of strings");
  CHECK(refused({"cat", 1}) == "class_names: [\"cat\",1] must be a list of strings");
  CHECK(contains(message_of([] {
                   config_from_json({{"condition", "top"}});
                 }),
                 "'top' is none of priors, all"));
}
