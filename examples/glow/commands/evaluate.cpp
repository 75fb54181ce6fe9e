#include "run/evaluate.hpp"

#include <iostream>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "commands/settings.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct EvaluateArguments {
  RunArgument run;
  std::string device = "auto";
  WantedImages wanted;
  bool json = false;
};

void run_evaluate(const EvaluateArguments& a) {
  const Checkpoint c = a.run.open();
  const ImagesOfRun images = images_of(c, a.wanted);
  require_memory(c.config, c.image, resolve_device(a.device), "batch", std::min(c.config.batch, images.count),
                 0);
  const auto model = c.model(a.device);
  const auto judge = c.config.classes ? evaluate_classes : evaluate;
  const Evaluation e = judge(*model, c.config, *images.data, images.first, images.count, warn_of_skipped);
  if (a.json) {
    nlohmann::ordered_json json{{"split", images.split},          {"images", e.images},
                                {"bits_per_dim", e.bits_per_dim}, {"bits", c.config.bits},
                                {"data", images.standing},        {"trained_on", images.trained_on}};
    if (e.classes) {
      json["mixture_bits_per_dim"] = e.classes->bits_per_dim;
      json["accuracy"] = e.classes->accuracy;
      if (e.classes->head_accuracy) json["head_accuracy"] = *e.classes->head_accuracy;
    }
    std::cout << json.dump() << '\n';
    return;
  }
  std::cout << images.split << ": " << e.images << " images, " << e.bits_per_dim << " bits/dim of "
            << c.config.bits << "-bit images" << (e.classes ? ", given their classes" : "") << " ("
            << images.source() << ")\n";
  if (!e.classes) return;
  std::cout << "without their classes: " << e.classes->bits_per_dim
            << " bits/dim; the likeliest class is right for " << 100 * e.classes->accuracy << " %\n";
  if (e.classes->head_accuracy)
    std::cout << "the classifier of the last latent is right for " << 100 * *e.classes->head_accuracy
              << " %\n";
}

}  // namespace

void add_evaluate(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("evaluate", "measure bits per dimension");
  auto a = std::make_shared<EvaluateArguments>();
  add_run(*command, a->run);
  add_images(*command, a->wanted);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  add_switch(
      *command, "--json",
      "print {\"split\", \"images\", \"bits_per_dim\", \"bits\" per channel, \"data\" (same as in training, "
      "grown, different or unknown), \"trained_on\" (how many of the images)} and, of a model with classes, "
      "\"mixture_bits_per_dim\" (of p(x)), \"accuracy\" (of the likeliest class) and \"head_accuracy\" (of "
      "the classifier, where latents do not depend on the class)",
      a->json);
  command->footer("Example:\n  glow evaluate runs/digits --split val --json");
  command->callback([a] { run_evaluate(*a); });
}

}  // namespace glow::app
