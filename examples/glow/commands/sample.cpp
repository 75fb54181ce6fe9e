#include <iostream>

#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "commands/settings.hpp"
#include "image/caption.hpp"
#include "run/checkpoint.hpp"
#include "run/folders.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct SampleArguments {
  std::string run, out, device = "auto";
  Index count = 64;
  std::vector<double> temperatures{1, 0.7, 0.5};
  std::uint64_t seed = 0;
};

// "0.7", "1", ...: as short as the number allows.
std::string short_number(double v) {
  std::ostringstream out;
  out << v;
  return out.str();
}

void run_sample(const SampleArguments& a) {
  const Checkpoint c = open_checkpoint(a.run);
  require_grid("--count", a.count, c.image, grid_columns);
  require_memory(c.config, c.image, resolve_device(a.device), "--count", a.count, grid_columns);
  const auto engine = c.engine(a.device);
  const auto out = picture_folder(c.path, a.out);
  const auto eps = draw_eps(*engine, a.count, Random{a.seed, 6});
  for (const double t : a.temperatures) {
    const auto file = out / ("sample_t" + short_number(t) + ".png");
    Picture grid = sample_grid(*engine, eps.view(), static_cast<float>(t), grid_columns);
    add_caption(grid, join("step ", c.state.steps, ", temperature ", t, ", seed ", a.seed));
    write_png(file, grid);
    std::cout << file.string() << '\n';
  }
}

}  // namespace

void add_sample(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("sample", "draw images from a trained model");
  auto a = std::make_shared<SampleArguments>();
  add_text(*command, "run", "", "run folder or checkpoint", a->run)->required();
  add_text(*command, "--out", "DIR", "folder for the pictures; the run's by default", a->out);
  add_number(*command, "--count", "N", "images in a grid", Range{1, most_images}, a->count);
  add_text(*command, "--temperature", "T,...", "one or several temperatures, 0 or more; default 1,0.7,0.5",
           [a](const std::string& list) {
             a->temperatures = numbers_of<double>("--temperature", list, range_of("temperature"));
           });
  add_number(*command, "--seed", "S", "seed of the latents", Range{}, a->seed);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer("Example:\n  glow sample runs/digits --temperature 1,0.7,0.5 --count 64");
  command->callback([a] { run_sample(*a); });
}

}  // namespace glow::app
