#include "program/glow.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("train: the first losses are sane in batches of one image and with one pixel at the last level") {
  const TemporaryFolder folder;
  for (const char* batch : {"1", "3"}) {
    const auto run = folder / batch;
    const Outcome o =
        run_glow({"train", "--data", "digits", "--out", run.string(), "--levels", "3", "--depth", "8",
                  "--width", "8", "--batch", batch, "--bits", "4", "--steps", "8"});
    INFO(o.err);
    REQUIRE(o.status == 0);
    for (const auto& line : json_lines(text_of(run / "metrics.jsonl"))) {
      CHECK(line.at("bits_per_dim").get<double>() < 6);
    }
  }
}
