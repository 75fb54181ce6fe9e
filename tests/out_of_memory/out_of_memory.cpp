// Each allocation of some work fails once. The failure arrives where the work was asked for, as
// std::bad_alloc, whichever thread met it; what was there before is as it was, and the work can be done
// afterwards.
#include <new>
#include <optional>

#include <glow/data/prefetcher.hpp>

#include "files.hpp"
#include "out_of_memory/failing_new.hpp"
#include "places.hpp"
#include "run/checkpoint.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// Threads and the caller's arenas without memory from before.
struct Fresh {
  Workspace<Cpu> workspace;
  WorkspaceScope<Cpu> scope{workspace};

  explicit Fresh(int threads) {
    set_threads(1);
    set_threads(threads);
  }
};

// Runs `work` with its nth allocation failing, for n = 1, 2, ... until there are no more; `between` follows
// each failure. Returns how many there were.
template <class Work, class Between>
long fail_each(Work work, Between between) {
  for (long n = 0;; ++n) {
    std::optional<std::string> wrong;
    until_failure = n;
    try {
      work();
    } catch (const std::bad_alloc&) {
    } catch (const std::exception& e) {
      until_failure = -1;
      wrong = e.what();
    }
    const bool failed = until_failure.exchange(-1) < 0;
    INFO("allocation " << n + 1);
    if (wrong) FAIL("another exception: " << *wrong);
    between();
    if (!failed) return n;
  }
}
template <class Work>
long fail_each(Work work) {
  return fail_each(work, [] {});
}

constexpr Architecture small{.levels = 2, .depth = 2, .width = 4, .learn_top_prior = true};
const Shape image{4, 4, 1};

std::vector<std::uint8_t> some_pixels(Index images) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(images * image.size()));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i * 37 % 251);
  return pixels;
}

}  // namespace

TEST_CASE("out of memory: a model, its training and what it draws") {
  const int threads = GENERATE(1, 3);
  const auto pixels = some_pixels(16);
  const long failures = fail_each([&] {
    const Fresh fresh(threads);
    Model<Glow> model(small, image);
    Trainer<Glow> trainer(model, {});
    trainer.start(pixels);
    for (int step = 0; step < 2; ++step) trainer.step(pixels);
    const Tensor<float> x = model.sample(3, 1, Random{1, 2});
    const auto encoded = model.encode(x.view());
    model.decode(encoded.latents.view());
    model.log_prob(x.view());
  });
  CHECK(failures > 100);
  set_threads(2);
}

TEST_CASE("out of memory: training goes on after a step that found none, with the same numbers") {
  const auto pixels = some_pixels(16);
  const Fresh fresh(2);
  Model<Glow> expected_model(small, image), model(small, image);
  Trainer<Glow> expected(expected_model, {}), trainer(model, {});
  Workspace<Cpu> none;  // so that there is something to ask for
  {
    const WorkspaceScope<Cpu> scope(none);
    until_failure = 0;
    CHECK_THROWS_AS(trainer.step(pixels), std::bad_alloc);
    until_failure = -1;
  }
  const StepResult after = trainer.step(pixels), unbroken = expected.step(pixels);
  CHECK(after.bits_per_dim == unbroken.bits_per_dim);
  CHECK(after.gradient_norm == unbroken.gradient_norm);
}

TEST_CASE("out of memory: batches that are decoded ahead") {
  const MemoryDataset data(image, some_pixels(10));
  fail_each([&] {
    Prefetcher batches(data, 0, 9, {.batch = 4, .on_skip = {}});
    for (int i = 0; i < 3; ++i) batches.next();
  });
}

TEST_CASE("out of memory: a file that is written stays whole") {
  const TemporaryFolder folder;
  const Tensor<float> x = normal<float>({3, 5}, 1);
  const auto save = [&] {
    SafetensorsWriter writer;
    writer.add("a tensor with a name that is too long to lie within its string", x.view());
    writer.metadata("key", "a value that is too long to lie within its string");
    writer.save(folder / "file.safetensors");
  };
  save();
  const std::string whole = text_of(folder / "file.safetensors");
  const long failures = fail_each(save, [&] {
    CHECK(text_of(folder / "file.safetensors") == whole);
    CHECK(names_in(folder.path()) == std::vector<std::string>{"file.safetensors"});
  });
  CHECK(failures > 5);
}

TEST_CASE("out of memory: a checkpoint that is read") {
  const auto path = source_folder() / "tests/fuzz/corpus/checkpoint/one_step.safetensors";
  CHECK(fail_each([&] { app::open_checkpoint(path); }) > 100);
}

TEST_CASE("out of memory: what is refused") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "c.json",
                        std::string(R"({"bits": 4, "a setting that there is not, of some length": 1})"));
  fail_each([&] {
    try {
      app::read_settings(app::read_json(folder / "c.json"));
    } catch (const FileError&) {
    }
  });
}
