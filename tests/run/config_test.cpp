#include "run/config.hpp"

#include <glow/io/atomic_file.hpp>

#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;
using nlohmann::json;

Config with(const json& settings) { return config_from_json(settings); }

std::string refusal(const json& settings) {
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
    } else if (value.is_string()) {
      value = value.get<std::string>() + " \"ü\\";
    } else if (value.is_number_float()) {
      value = value.get<double>() + 0.1;
    } else {
      value = value.get<int>() + 1;
    }
  }
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
  CHECK(refusal({{"batch", 1}, {"bacth", 2}}) == "config: there is no setting 'bacth'");
}

TEST_CASE("config: a value of the wrong kind is named, with one of the right kind") {
  CHECK(refusal({{"batch", "64"}}) == "config: the value \"64\" of 'batch' is of the wrong kind, unlike 64");
  CHECK(contains(refusal({{"batch", 6.5}}), "the value 6.5 of 'batch'"));
  CHECK(contains(refusal({{"lr", nullptr}}), "the value null of 'lr'"));
  CHECK(contains(refusal({{"flip", 1}}), "the value 1 of 'flip'"));
  CHECK(contains(refusal({{"size", {64, 64}}}), "the value [64,64] of 'size'"));
  CHECK(contains(refusal({{"seed", -1}}), "the value -1 of 'seed'"));
  CHECK(contains(refusal({{"depth", 10'000'000'000}}), "the value 10000000000 of 'depth'"));
  CHECK(contains(refusal({{"width", UINT64_MAX}}), "the value 18446744073709551615 of 'width'"));
  CHECK(refusal(json::array()) == "config: a JSON object is needed");
}

TEST_CASE("config: values out of range are named with what would be right") {
  CHECK(unresolved({{"batch", 0}}) == "batch: 0 must be at least 1");
  CHECK(contains(unresolved({{"steps", -1}}), "steps: -1"));
  CHECK(contains(unresolved({{"epochs", 0}}), "epochs: 0"));
  CHECK(contains(unresolved({{"epochs", std::nan("")}}), "epochs: nan"));
  CHECK(contains(unresolved({{"epochs", 1e300}}), "epochs: 1e+300"));
  CHECK(contains(unresolved({{"warmup_epochs", -0.5}}), "warmup_epochs: -0.5 must not be negative"));
  CHECK(contains(unresolved({{"warmup_epochs", 1e300}}), "warmup_epochs: 1e+300"));
  CHECK(contains(unresolved({{"save_every", -1}}), "save_every: -1 must not be negative"));
  CHECK(contains(unresolved({{"bits", 9}}), "bits: 9 must be 1 to 8"));
  CHECK(contains(unresolved({{"lr", 0}}), "lr: 0 must be above 0 and finite"));
  CHECK(contains(unresolved({{"temperature", -1}}), "temperature: -1 must be at least 0 and finite"));
  CHECK(contains(unresolved({{"threads", -1}}), "threads: -1 must not be negative"));
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
    CHECK(contains(message_of([&] {
                     with({{"size", text}}).image_size();
                   }),
                   "size: '" + text + "' must be HxW"));
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

TEST_CASE("config: the preset of the digits") {
  const Config c = config_from_json(preset("digits"));
  CHECK(c.data == "digits");
  CHECK(c.train_images(1797) == 1600);
  CHECK(c.bits == 4);
  CHECK(c.depth == 4);
  CHECK(c.levels == 2);
  CHECK(c.width == 64);
  CHECK(c.batch == 64);
  CHECK(c.lr == 1e-3);
  CHECK(c.warmup_steps == 25);
  CHECK(c.steps == 1000);
  CHECK(c.learn_top_prior);
}

TEST_CASE("config: the preset of the reference's run on CelebA") {
  Config c = config_from_json(preset("reference-celeba64"));
  const auto size = c.image_size();
  REQUIRE(size);
  CHECK(size->height == 64);
  CHECK(size->width == 64);
  CHECK(c.bits == 5);
  CHECK(c.depth == 16);
  CHECK(c.levels == 3);
  CHECK(c.width == 512);
  CHECK(c.batch == 64);
  CHECK(c.lr == 1e-3);
  CHECK(c.epochs == 13);
  CHECK(c.temperature == 0.7);
  c.resolve(6400);
  CHECK(c.steps == 1300);
  CHECK(c.warmup_steps == 100);  // an epoch
  const AdamOptions adam = c.train_options().adam;
  CHECK(adam.beta1 == 0.9);
  CHECK(adam.beta2 == 0.999);
}

TEST_CASE("config: another preset is refused with those that there are") {
  CHECK(message_of([] { preset("celeba"); }) == "preset: 'celeba' is none of digits, reference-celeba64");
}

TEST_CASE("config: a file that is missing, no JSON or no object is named") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    write_file_atomically(folder / "c.json", text);
    return message_of<FileError>([&] { read_json((folder / "c.json").string()); });
  };
  const std::string name = "'" + (folder / "c.json").string() + "'";
  CHECK(contains(refused("{\"bits\": 5,\n}"), name + ": no JSON: "));
  CHECK(contains(refused("{\"bits\": 5,\n}"), "line 2"));
  CHECK(contains(refused(""), name));
  CHECK(contains(refused("[1]"), name + ": a JSON object is needed"));
  CHECK(contains(message_of<FileError>([&] { read_json((folder / "none").string()); }),
                 (folder / "none").string()));
  write_file_atomically(folder / "c.json", std::string("{\"bits\": 5}"));
  CHECK(read_json((folder / "c.json").string()) == json{{"bits", 5}});
}
