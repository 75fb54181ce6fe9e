#include "worker/options.hpp"

#include <CLI/CLI.hpp>

namespace glow::benchmarks {

Options read_options(int argc, char** argv) {
  CLI::App app("glow_worker: measures a Glow as it is told by lines of its input; see benchmarks/README.md");
  std::string setting = "middle", precision = "full", device = "cpu", activations = "auto";
  Index batch = 0, side = 0, channels = 0, width = 0;
  int depth = 0, levels = 0, threads = glow::threads();
  const auto in_place = [&](const std::string& name, auto& value) {
    app.add_option(name, value, "in place of the setting's")->check(CLI::Range(1, 1000000));
  };
  app.add_option("--setting", setting, "small, middle, large or reference")->capture_default_str();
  in_place("--batch", batch);
  in_place("--side", side);
  in_place("--channels", channels);
  in_place("--depth", depth);
  in_place("--levels", levels);
  in_place("--width", width);
  app.add_option("--precision", precision, "of the coupling networks: full, tf32 or bf16")
      ->capture_default_str();
  app.add_option("--activations", activations, "that training keeps: flat, lean, fast or auto")
      ->capture_default_str();
  app.add_option("--device", device, "cpu or cuda")->capture_default_str();
  app.add_option("--threads", threads, "on the CPU")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::exit(app.exit(help));
  } catch (const CLI::ParseError& e) {
    throw Error(e.what());
  }
  require(device == "cpu" || device == "cuda", "device: '", device, "' is none of cpu, cuda");
  Setting s = setting_of(setting);
  const auto take = [](auto value, auto& into) {
    if (value > 0) into = value;
  };
  take(batch, s.batch);
  take(depth, s.architecture.depth);
  take(levels, s.architecture.levels);
  take(width, s.architecture.width);
  s.image = {side > 0 ? side : s.image[0], side > 0 ? side : s.image[1],
             channels > 0 ? channels : s.image[2]};
  s.architecture.precision = precision_of(precision);
  return {s, device, threads, activations_of(activations)};
}

}  // namespace glow::benchmarks
