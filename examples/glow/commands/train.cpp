#include <unistd.h>

#include "commands/commands.hpp"
#include "commands/settings.hpp"
#include "run/training.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

struct TrainArguments {
  std::string out, resume;
  bool quiet = false, json = false;
  std::shared_ptr<GivenSettings> given;
};

Voice voice(const TrainArguments& a) {
  if (a.quiet) return Voice::quiet;
  if (a.json) return Voice::json;
  return ::isatty(STDOUT_FILENO) != 0 ? Voice::progress : Voice::lines;
}

// What may change when a run goes on; all else would make it another run.
void check_resumable(const GivenSettings& given) {
  require(given.preset.empty() && given.config_file.empty(),
          "--resume takes its settings from the run; --preset and --config do not go with it");
  static const std::set<std::string> free{"data",         "steps",      "epochs",
                                          "sample_every", "save_every", "validate_every",
                                          "temperature",  "threads",    "device"};
  for (const auto& [key, value] : given.values.items()) {
    require(free.count(key) == 1, "--resume: '", key, "' cannot change when a run goes on");
  }
}

int run_train(const TrainArguments& a) {
  if (a.resume.empty()) {
    require(!a.out.empty(), "--out DIR is needed: the folder that the run is written to");
    return train(a.given->merge(), a.out, nullptr, voice(a));
  }
  require(a.out.empty() || a.out == a.resume, "--resume goes on in its own folder; --out '", a.out,
          "' does not go with it");
  check_resumable(*a.given);
  const Checkpoint from = open_checkpoint(a.resume);
  require<FileError>(std::filesystem::is_directory(a.resume), "--resume: '", a.resume,
                     "' is no folder; give the folder of the run");
  nlohmann::json all = to_json(from.config);
  if (a.given->values.contains("epochs") && !a.given->values.contains("steps")) all["steps"] = 0;
  all.update(a.given->values);
  // What names one folder here may have named another where the run was started.
  if (a.given->values.contains("data"))
    all["data"] = to_utf8(place_of(from_utf8(all["data"].get<std::string>())));
  return train(config_from_json(all), a.resume, &from, voice(a));
}

}  // namespace

void add_train(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("train", "train a Glow on images");
  auto a = std::make_shared<TrainArguments>();
  a->given = add_settings(*command);
  command->add_option("--out", a->out, "new folder for the run")->type_name("DIR");
  command->add_option("--resume", a->resume, "go on with the run in this folder")->type_name("DIR");
  command->add_flag("--quiet", a->quiet, "say nothing");
  command->add_flag("--json", a->json, "print metrics as JSON lines");
  command->footer(
      "Examples:\n"
      "  glow train --data digits --out runs/digits\n"
      "  glow train --data photos/ --size 64x64 --preset reference-celeba64 --out runs/photos\n"
      "  glow train --resume runs/digits --steps 2000\n"
      "The run folder gets config.json, metrics.jsonl, samples/*.png, evolution.gif and "
      "checkpoints/*.safetensors.");
  command->callback([a, &status] { status = run_train(*a); });
}

}  // namespace glow::app
