#include "commands/settings.hpp"

#include "commands/commands.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

std::string in_json(const std::string& text) { return to_utf8(text); }
template <class T>
T in_json(T value) {
  return value;
}

// An option whose value, if it is given, goes into the settings under `key`.
template <class T>
void add(CLI::App& command, const std::shared_ptr<GivenSettings>& given, const std::string& option,
         const char* key, const std::string& help, const std::string& type) {
  CLI::Option* added = command.add_option_function<T>(
      option, [given, key](const T& v) { given->values[key] = in_json(v); }, help);
  if constexpr (std::is_unsigned_v<T>) added->check(check_seed);
  added->type_name(type);
}

}  // namespace

void add_device(CLI::App& command, const std::function<void(const std::string&)>& set) {
  command.add_option_function<std::string>("--device", set, "cpu, cuda, or auto: the GPU if one works")
      ->type_name("DEVICE");
}

Config GivenSettings::merge() const {
  nlohmann::json all = nlohmann::json::object();
  const std::string data = values.value("data", std::string("digits"));
  if (!preset.empty()) {
    all.update(app::preset(preset));
  } else if (config_file.empty() && data == "digits") {
    all.update(app::preset("digits"));
  }
  if (!config_file.empty()) all.update(read_settings(read_json(config_file)));
  // A number of epochs on the command line stands against a number of steps from before, and the other way
  // round.
  if (values.contains("epochs") && !values.contains("steps")) all["steps"] = 0;
  all.update(values);
  return config_from_json(all);
}

std::shared_ptr<GivenSettings> add_settings(CLI::App& command) {
  auto given = std::make_shared<GivenSettings>();
  command.add_option("--preset", given->preset, "settings to start from: digits, reference-celeba64")
      ->type_name("NAME");
  command.add_option("--config", given->config_file, "JSON file of settings, as a run's config.json")
      ->type_name("FILE");
  add<std::string>(
      command, given, "--data", "data",
      "digits (bundled), an IDX file, a CIFAR-10 .bin or folder, or a folder of JPEG and PNG images", "PATH");
  add<std::string>(command, given, "--size", "size", "height and width to cut and resize images to", "HxW");
  add<Index>(
      command, given, "--channels", "channels",
      "1 to make images grey, 3 coloured; else the data's own, which are 1 where all pictures are grey", "C");
  add<double>(command, given, "--train-split", "train_split",
              "images to train on: a share up to 1, or a number", "X");
  add<int>(command, given, "--bits", "bits", "bits a channel to model, 1 to 8", "B");
  add<int>(command, given, "--depth", "depth", "flow steps a level (K)", "K");
  add<int>(command, given, "--levels", "levels", "levels (L); sides must divide by 2^L", "L");
  add<Index>(command, given, "--width", "width", "hidden channels of the coupling networks", "W");
  command.add_flag_function(
      "--learn-top-prior,!--no-learn-top-prior",
      [given](std::int64_t n) { given->values["learn_top_prior"] = n > 0; },
      "learn the last latent's mean and deviation, else N(0, I)");
  add<Index>(command, given, "--batch", "batch", "images a step", "N");
  add<double>(command, given, "--lr", "lr", "learning rate of Adam after the warm-up", "X");
  add<Index>(command, given, "--warmup-steps", "warmup_steps", "steps in which the rate grows from 0", "N");
  add<double>(command, given, "--warmup-epochs", "warmup_epochs", "the same in epochs, added", "X");
  add<Index>(command, given, "--steps", "steps", "steps to train", "N");
  add<double>(command, given, "--epochs", "epochs", "epochs to train, where no steps are given", "X");
  add<Index>(command, given, "--sample-every", "sample_every", "steps between grids of samples", "N");
  add<Index>(command, given, "--save-every", "save_every", "steps between checkpoints", "N");
  add<Index>(command, given, "--validate-every", "validate_every", "steps between validations", "N");
  add<double>(command, given, "--temperature", "temperature", "temperature of the grids of samples", "T");
  command.add_flag_function(
      "--flip", [given](std::int64_t) { given->values["flip"] = true; }, "mirror images at random");
  command.add_flag_function(
      "--strict", [given](std::int64_t) { given->values["strict"] = true; },
      "stop at an image that cannot be decoded, rather than skip it");
  add<std::uint64_t>(command, given, "--seed", "seed", "seed of all that is random", "S");
  add<int>(command, given, "--threads", "threads", "threads to use; all of the machine by default", "N");
  add_device(command, [given](const std::string& device) { given->values["device"] = device; });
  add<std::string>(command, given, "--precision", "precision",
                   "of the coupling networks' products: full, bf16 or, on a GPU, tf32", "P");
  add<std::string>(command, given, "--activations", "activations",
                   "what training on the CPU keeps of the forward pass: flat (nothing), lean, fast, or auto",
                   "A");
  add<Index>(command, given, "--activation-mib", "activation_mib", "memory that this may take, in MiB", "N");
  return given;
}

}  // namespace glow::app
