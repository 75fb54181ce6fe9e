#include <glow/core/warning.hpp>

#include "commands/as_rank.hpp"
#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "commands/settings.hpp"
#include "run/follower.hpp"
#include "run/resumed_config.hpp"
#include "run/training.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

struct TrainArguments {
  std::string out, resume;
  bool quiet = false, json = false;
  Index trace = 0;
  std::shared_ptr<GivenSettings> given;
};

Voice voice(const TrainArguments& a) {
  if (a.quiet) return Voice::quiet;
  if (a.json) return Voice::json;
  return Terminal().watched() ? Voice::progress : Voice::lines;
}

// What makes another run of a run that goes on.
void check_resumable(const TrainArguments& a) {
  require<UsageError>(a.out.empty() || a.out == a.resume, "--resume goes on in its own folder; --out '",
                      a.out, "' does not go with it");
  require<UsageError>(a.given->preset.empty() && a.given->config_file.empty(),
                      "--resume takes its settings from the run; --preset and --config do not go with it");
  for (const auto& [setting, value] : a.given->values.items()) {
    require<UsageError>(may_change(setting), "--resume: '", setting, "' cannot change when a run goes on");
  }
}

int begin(const TrainArguments& a, AnyRanks& ranks) {
  require<UsageError>(!a.out.empty(), "--out DIR is needed: the folder that the run is written to");
  const Config config = a.given->merge();
  return ranks.rank() == 0 ? train(config, a.out, voice(a), a.trace, ranks)
                           : follow(config, a.out, nullptr, ranks);
}

int go_on(const TrainArguments& a, AnyRanks& ranks) {
  check_resumable(a);
  std::optional<RunFolder> folder;
  if (ranks.rank() == 0)
    folder.emplace(RunFolder::open(a.resume));  // before its newest checkpoint is looked for
  const Checkpoint from = open_checkpoint(a.resume);
  nlohmann::json given = a.given->values;
  // What names one folder here may have named another where the run was started.
  if (given.contains("data")) given["data"] = to_utf8(place_of(from_utf8(given["data"].get<std::string>())));
  const Config config = resumed_config(from.config, a.resume, given);
  return ranks.rank() == 0 ? resume(config, std::move(*folder), from, voice(a), a.trace, ranks)
                           : follow(config, a.resume, &from, ranks);
}

int run_train(const TrainArguments& a) {
  if (a.quiet) on_warning(nullptr);
  return as_rank([&](AnyRanks& ranks) { return a.resume.empty() ? begin(a, ranks) : go_on(a, ranks); });
}

}  // namespace

void add_train(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("train", "train a Glow on images");
  auto a = std::make_shared<TrainArguments>();
  a->given = add_settings(*command);
  add_text(*command, "--out", "DIR", "new folder for the run", a->out);
  add_text(*command, "--resume", "DIR", "go on with the run in this folder", a->resume);
  add_number<Index>(*command, "--trace", "N",
                    "record N steps after the first two in trace.json, layer by layer, for ui.perfetto.dev",
                    Range{1, 1000}, [a](Index steps) { a->trace = steps; });
  add_switch(*command, "--quiet", "say nothing but what goes wrong", a->quiet);
  add_switch(*command, "--json", "print metrics as JSON lines", a->json);
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
