#include <iostream>

#include "commands/commands.hpp"
#include "commands/settings.hpp"
#include "run/checkpoint.hpp"
#include "run/folders.hpp"
#include "run/pictures.hpp"

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
  require(a.count >= 1, "--count: ", a.count, " must be at least 1");
  for (const double t : a.temperatures) {
    require(t >= 0 && std::isfinite(t), "--temperature: ", t, " must be at least 0 and finite");
  }
  const Checkpoint c = open_checkpoint(a.run);
  const auto engine = c.engine(a.device);
  const auto out = picture_folder(c.path, a.out);
  const auto eps = draw_eps(*engine, a.count, Random{a.seed, 6});
  for (const double t : a.temperatures) {
    const auto file = out / ("sample_t" + short_number(t) + ".png");
    write_png(file, sample_grid(*engine, eps.view(), static_cast<float>(t), c.config.bits, 8));
    std::cout << file.string() << '\n';
  }
}

}  // namespace

void add_sample(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("sample", "draw images from a trained model");
  auto a = std::make_shared<SampleArguments>();
  command->add_option("run", a->run, "run folder or checkpoint")->required();
  command->add_option("--out", a->out, "folder for the pictures; the run's by default")->type_name("DIR");
  command->add_option("--count", a->count, "images in a grid")->type_name("N");
  command->add_option("--temperature", a->temperatures, "one or several temperatures, 1,0.7,0.5 by default")
      ->delimiter(',')
      ->type_name("T");
  command->add_option("--seed", a->seed, "seed of the latents")->check(check_seed)->type_name("S");
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer("Example:\n  glow sample runs/digits --temperature 1,0.7,0.5 --count 64");
  command->callback([a] { run_sample(*a); });
}

}  // namespace glow::app
