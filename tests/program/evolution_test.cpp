// evolution.gif of old runs.
#include "run/evolution.hpp"

#include "image/picture.hpp"
#include "program/glow.hpp"
#include "run/checkpoint.hpp"

namespace {

using namespace glow;
using namespace glow::app;
using namespace glow::test;

// Pictures of a GIF: each begins with a graphic control extension.
int frames_in(const std::string& gif) {
  int n = 0;
  for (auto at = gif.find("\x21\xf9\x04"); at != std::string::npos; at = gif.find("\x21\xf9\x04", at + 1))
    ++n;
  return n;
}

}  // namespace

TEST_CASE("evolution: at most 64 frames, evenly spaced, the last one among them") {
  std::vector<Index> steps;
  for (Index n = 1; n <= 1000; ++n) {
    steps.push_back(10 * n);
    const auto frames = Evolution::frames_of(steps);
    REQUIRE(static_cast<Index>(frames.size()) <= Evolution::most_frames);
    REQUIRE(static_cast<Index>(frames.size()) >= std::min(n, Evolution::most_frames / 2));
    REQUIRE(frames.front() == 10);
    REQUIRE(frames.back() == 10 * n);
    for (std::size_t i = 2; i + 1 < frames.size(); ++i)
      REQUIRE(frames[i] - frames[i - 1] == frames[1] - frames[0]);
  }
  CHECK(Evolution::frames_of({}).empty());
}

TEST_CASE("evolution: an old run takes no more memory, time or disk than a young one") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run);
  const long young = run_glow({"sample", run.string()}).kib;
  const auto grid = [&](int step) {
    return run / "samples" / (std::filesystem::path(checkpoint_of(step)).stem().string() + ".png");
  };
  for (int step = 7; step <= 2000; ++step) std::filesystem::copy_file(grid(6), grid(step));
  Checkpoint c = open_checkpoint(run);
  c.state.steps = c.state.taken_steps = 2000;
  save_checkpoint(run / checkpoint_of(2000), c.state, c.position, c.config, c.image);
  const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "2001"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(o.kib < young + 40'000);
  const std::string gif = text_of(run / "evolution.gif");
  CHECK(frames_in(gif) <= Evolution::most_frames);
  CHECK(frames_in(gif) >= Evolution::most_frames / 2);
  CHECK(gif.size() < 4'000'000);
}

TEST_CASE("evolution: pictures of others among the samples are left out") {
  const TemporaryFolder folder;
  const auto run = folder / "run";
  train_digits(run, {"--steps", "6", "--sample-every", "2"});  // 0, 2, 4, 6
  const Picture other{5, 5, 1, std::vector<std::uint8_t>(25, 7)};
  for (const std::string name : {"step_00000003.png", "step_00000004_small.png", "step_5.png", "mine.png"})
    write_png(run / "samples" / name, other);
  write_file_atomically(run / "samples/step_00000001.png", std::string("no picture"));
  const Outcome o = run_glow({"train", "--resume", run.string(), "--steps", "8"});
  INFO(o.err);
  REQUIRE(o.status == 0);
  CHECK(frames_in(text_of(run / "evolution.gif")) == 5);
}
