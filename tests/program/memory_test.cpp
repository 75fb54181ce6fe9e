// glow summary --memory: what a model takes, told before it is taken.
#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;
using nlohmann::json;

namespace {

// The JSON of `glow summary WORDS --memory --json`.
json memory_of_program(const Words& words) {
  const Outcome o = run_glow(Words{"summary"} + words + Words{"--memory", "--json"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  return json_lines(o.out).at(0);
}

const Words large{"--size",   "256x256", "--channels",    "3",   "--width", "256",
                  "--device", "cpu",     "--activations", "flat"};

}  // namespace

TEST_CASE("summary --memory: parts in bytes add up, and only what comes with parameters grows with depth") {
  const json few = memory_of_program(large + Words{"--batch", "8", "--depth", "4"}),
             many = memory_of_program(large + Words{"--batch", "8", "--depth", "80"});
  for (const json& m : {few, many}) {
    CHECK(m.at("device") == "cpu");
    CHECK(m.at("batch") == 8);
    const std::size_t model = m.at("parameter_bytes").get<std::size_t>() +
                              m.at("derived_bytes").get<std::size_t>() +
                              m.at("gradient_bytes").get<std::size_t>();
    CHECK(m.at("training_bytes") == model + m.at("optimizer_bytes").get<std::size_t>() +
                                        m.at("activation_bytes").get<std::size_t>() +
                                        m.at("training_temporary_bytes").get<std::size_t>());
    CHECK(m.at("sampling_bytes") == model + m.at("sampling_temporary_bytes").get<std::size_t>());
    CHECK(m.at("activation_bytes") == 0);
  }
  CHECK(few.at("training_temporary_bytes") == many.at("training_temporary_bytes"));
  CHECK(few.at("parameter_bytes") < many.at("parameter_bytes"));
}

TEST_CASE("summary --memory: activations that are kept count, up to their budget") {
  const auto kept = [](const Words& words) {
    return memory_of_program(Words{"--size", "64x64", "--channels", "3", "--depth", "4", "--width", "128",
                                   "--device", "cpu", "--batch", "16"} +
                             words)
        .at("activation_bytes")
        .get<std::size_t>();
  };
  const std::size_t flat = kept({"--activations", "flat"}), lean = kept({"--activations", "lean"}),
                    fast = kept({"--activations", "fast"});
  CHECK(flat == 0);
  CHECK(lean > 0);
  CHECK(fast > lean);
  CHECK(kept({"--activations", "fast", "--activation-mib", "8"}) <= 8 << 20);
}

TEST_CASE("summary --memory: a run brings its model, and the command line how it is used") {
  const TemporaryFolder folder;
  train_digits(folder / "run");
  const auto of_run = [&](const Words& words) {
    return memory_of_program(Words{(folder / "run").string(), "--device", "cpu"} + words);
  };
  const json as_trained = of_run({}), larger = of_run({"--batch", "256"});
  CHECK(as_trained.at("batch") == 16);
  CHECK(larger.at("batch") == 256);
  CHECK(larger.at("parameter_bytes") == as_trained.at("parameter_bytes"));
  CHECK(larger.at("training_temporary_bytes") > as_trained.at("training_temporary_bytes"));
}

TEST_CASE("summary --memory: a table for people") {
  const Outcome o = run_glow(Words{"summary", "--memory", "--batch", "8"} + large);
  CHECK(o.status == 0);
  CHECK(contains(o.out, "Memory of the CPU, "));
  CHECK(contains(o.out, " in batches of 8 images of 256x256x3\n"));
  for (const std::string part :
       {"Parameters", "Gradients", "Optimizer", "Activations kept", "Temporaries", "Total"})
    CHECK(contains(o.out, "\n" + part));
}

TEST_CASE("summary --memory: what it cannot tell of is refused in a line") {
  const auto refused = [](const Words& words, const std::string& why) {
    const Outcome o = run_glow(Words{"summary"} + words);
    INFO(o.err);
    CHECK(o.status != 0);
    CHECK(one_line(o.err));
    CHECK(contains(o.err, why));
  };
  refused({"--json"}, "--json requires --memory");
  refused({"--memory", "--channels", "2"}, "channels: 2 must be 1 (grey) or 3 (colour)");
  refused({"--memory", "--channels", "5000", "--size", "8x8"}, "channels: 5000 must be 0 to 4096");
  refused({"--memory", "--size", "12x12", "--channels", "3", "--levels", "3"}, "height 3 must be even");
  refused({"--memory", "--device", "cpu", "--precision", "tf32"},
          "tf32 is not for a model in float on the CPU");
  refused({"--memory", "--device", "tpu"}, "'tpu' is none of cpu, cuda, auto");
}
