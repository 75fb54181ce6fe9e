#include "run/evaluate.hpp"

#include <iostream>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/settings.hpp"

namespace glow::app {

namespace {

struct EvaluateArguments {
  std::string run, data, split = "val", device = "auto";
  bool json = false;
};

void run_evaluate(const EvaluateArguments& a) {
  const Checkpoint c = open_checkpoint(a.run);
  const auto data = data_of(c, a.data);
  const auto range = split_range(c.config, *data, a.split);
  const Evaluation e = evaluate(*c.engine(a.device), *data, range.first, range.count, c.config.bits,
                                c.config.seed, c.config.batch, warn_of_skipped);
  if (a.json) {
    std::cout << nlohmann::ordered_json{{"split", a.split},
                                        {"images", e.images},
                                        {"bits_per_dim", e.bits_per_dim}}
                     .dump()
              << '\n';
  } else {
    std::cout << a.split << ": " << e.images << " images, " << e.bits_per_dim << " bits/dim\n";
  }
}

}  // namespace

void add_evaluate(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("evaluate", "measure bits per dimension");
  auto a = std::make_shared<EvaluateArguments>();
  command->add_option("run", a->run, "run folder or checkpoint")->required();
  command->add_option("--split", a->split, "train or val")->type_name("SPLIT");
  command->add_option("--data", a->data, "other images than the run's")->type_name("PATH");
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->add_flag("--json", a->json, "print {\"split\", \"images\", \"bits_per_dim\"}");
  command->footer("Example:\n  glow evaluate runs/digits --split val --json");
  command->callback([a] { run_evaluate(*a); });
}

}  // namespace glow::app
