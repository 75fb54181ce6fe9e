#include "run/evaluate.hpp"

#include <iostream>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/options.hpp"
#include "commands/settings.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct EvaluateArguments {
  std::string run, device = "auto";
  WantedImages wanted;
  bool json = false;
};

void run_evaluate(const EvaluateArguments& a) {
  const Checkpoint c = open_checkpoint(a.run);
  const ImagesOfRun images = images_of(c, a.wanted);
  require_memory(c.config, c.image, resolve_device(a.device), "batch", std::min(c.config.batch, images.count),
                 0);
  const Evaluation e = evaluate(*c.engine(a.device), *images.data, images.first, images.count, c.config.seed,
                                c.config.batch, warn_of_skipped);
  if (a.json) {
    std::cout << nlohmann::ordered_json{{"split", images.split},          {"images", e.images},
                                        {"bits_per_dim", e.bits_per_dim}, {"bits", c.config.bits},
                                        {"data", images.standing},        {"trained_on", images.trained_on}}
                     .dump()
              << '\n';
  } else {
    std::cout << images.split << ": " << e.images << " images, " << e.bits_per_dim << " bits/dim of "
              << c.config.bits << "-bit images (" << images.source() << ")\n";
  }
}

}  // namespace

void add_evaluate(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("evaluate", "measure bits per dimension");
  auto a = std::make_shared<EvaluateArguments>();
  add_text(*command, "run", "", "run folder or checkpoint", a->run)->required();
  add_images(*command, a->wanted);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  add_switch(
      *command, "--json",
      "print {\"split\", \"images\", \"bits_per_dim\", \"bits\" per channel, \"data\" (same as in training, "
      "grown, different or unknown), \"trained_on\" (how many of the images)}",
      a->json);
  command->footer("Example:\n  glow evaluate runs/digits --split val --json");
  command->callback([a] { run_evaluate(*a); });
}

}  // namespace glow::app
