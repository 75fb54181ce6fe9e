#include "commands/settings.hpp"

#include "commands/options.hpp"
#include "run/presets.hpp"
#include "run/utf8.hpp"

namespace glow::app {

namespace {

// A value as help shows it.
std::string shown(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// "default 16, digits 4": the value of a setting that is not given, and that of the digits if it is another
// one.
std::string default_of(const char* key) {
  const nlohmann::json all = to_json(Config()), digits = preset("digits");
  const std::string text = "default " + shown(all.at(key));
  return digits.contains(key) && digits.at(key) != all.at(key) ? text + ", digits " + shown(digits.at(key))
                                                               : text;
}

// An option whose number, if it is given, goes into the settings under `key`.
template <class T>
void add(CLI::App& command, const std::shared_ptr<GivenSettings>& given, const std::string& option,
         const char* key, const std::string& help, const std::string& type) {
  add_number<T>(command, option, type, help + "; " + default_of(key), range_of(key),
                [given, key](T v) { given->values[key] = v; });
}

}  // namespace

CLI::Option* add_device(CLI::App& command, const std::function<void(const std::string&)>& set) {
  return add_word(command, "--device", "DEVICE", "cpu, cuda, or auto: the GPU if one works; default auto",
                  {"cpu", "cuda", "auto"}, set);
}

Config GivenSettings::merge(bool with_data) const {
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
  require<UsageError>(!with_data || all.contains("data") || preset.empty(), "--preset ", preset,
                      " says nothing of the data: give them with --data PATH");
  const Config config = config_from_json(all);
  require<UsageError>(config.classes || !values.contains("condition"), "--condition goes with --classes");
  try {
    config.check_training();
  } catch (const Error& e) {
    throw UsageError(e.what());
  }
  require<UsageError>(config.shuffle != "full" || !values.contains("shuffle_buffer"),
                      "--shuffle-buffer does not go with --shuffle full");
  return config;
}

std::shared_ptr<GivenSettings> add_settings(CLI::App& command) {
  auto given = std::make_shared<GivenSettings>();
  const auto into = [given](const char* key) {
    return [given, key](const auto& value) { given->values[key] = value; };
  };
  const auto on = [given](const char* key, bool value) {
    return [given, key, value] { given->values[key] = value; };
  };
  add_word(command, "--preset", "NAME",
           "settings to start from: digits, which --data digits has by itself; fashion-mnist, for Debian's "
           "dataset-fashion-mnist; or reference-celeba64",
           {"digits", "fashion-mnist", "reference-celeba64"},
           [given](const std::string& name) { given->preset = name; });
  add_text(command, "--config", "FILE", "JSON file of settings, as a run's config.json", given->config_file);
  add_text(command, "--data", "PATH",
           "digits (bundled; the default), an IDX file or a folder of MNIST's four, a CIFAR-10 .bin or "
           "folder, a folder of JPEG and PNG "
           "images, or tar shards of them: a .tar file, a folder of these, or a pattern in quotes, such as "
           "'train-{0000..0099}.tar' or 'shards/*.tar'",
           [given](const std::string& data) { given->values["data"] = to_utf8(data); });
  add_text(
      command, "--size", "HxW",
      "height and width to cut and resize images to, 1x1 to 4096x4096; default: that of the data, 64x64 for "
      "folders and shards",
      [given](const std::string& size) {
        Config config;
        config.size = size;
        try {
          config.image_size();
        } catch (const Error& e) {
          throw UsageError(join("--", e.what()));
        }
        given->values["size"] = size;
      });
  add<Index>(
      command, given, "--channels", "channels",
      "1 to make images grey, 3 coloured, 0 for the data's own, which are 1 where all pictures are grey",
      "C");
  add<double>(command, given, "--train-split", "train_split",
              "images to train on: a share up to 1, or a number", "X");
  add<int>(command, given, "--bits", "bits", "bits per channel to model", "B");
  add<int>(command, given, "--depth", "depth", "flow steps per level (K)", "K");
  add<int>(command, given, "--levels", "levels", "levels (L); sides must divide by 2^L", "L");
  add<Index>(command, given, "--width", "width", "hidden channels of the coupling networks", "W");
  add_word(command, "--coupling", "MAP",
           "what couplings do to a number: affine, additive, exp, spline or shifted; default affine",
           {"affine", "additive", "exp", "spline", "shifted"}, into("coupling"));
  add_word(
      command, "--permutation", "P",
      "what mixes channels between couplings: lu, a learned 1x1 convolution; shuffle, an order drawn once; "
      "or reverse; default lu",
      {"lu", "shuffle", "reverse"}, into("permutation"));
  add_switch(
      command, "--classes",
      "make the model conditional on the classes that the data have: the digits', labels in an IDX file "
      "beside the images, CIFAR-10's, a sub-folder for each class, or the .cls members of shards",
      on("classes", true));
  add_word(command, "--condition", "PARTS",
           "what depends on the class: the priors of latents, or all, coupling networks too; default priors",
           {"priors", "all"}, into("condition"));
  add_switch(
      command, "--learn-top-prior",
      "learn the last latent's mean and deviation; the default, for which --no-learn-top-prior is N(0, I)",
      on("learn_top_prior", true));
  add_switch(command, "--no-learn-top-prior", "take N(0, I) for the last latent",
             on("learn_top_prior", false));
  add<Index>(command, given, "--batch", "batch", "images per step", "N");
  add<double>(command, given, "--lr", "lr", "learning rate of Adam after the warm-up", "X");
  add<Index>(command, given, "--warmup-steps", "warmup_steps", "steps in which the rate grows from 0", "N");
  add<double>(command, given, "--warmup-epochs", "warmup_epochs", "the same in epochs, added", "X");
  add_word(command, "--schedule", "S",
           "of the rate after the warm-up: constant; cosine, down to --lr-last at the last step; or step, by "
           "--lr-factor every --lr-every steps; default constant",
           {"constant", "cosine", "step"}, into("schedule"));
  add<double>(command, given, "--lr-last", "lr_last",
              "of --schedule cosine: the last rate, as a share of --lr", "X");
  add<Index>(command, given, "--lr-every", "lr_every", "of --schedule step: steps between two falls", "N");
  add<double>(command, given, "--lr-factor", "lr_factor",
              "of --schedule step: what the rate is multiplied with", "X");
  add_word(command, "--optimizer", "O",
           "adam; adamw, which shrinks weights by --weight-decay; or adamax; default adam",
           {"adam", "adamw", "adamax"}, into("optimizer"));
  add<double>(command, given, "--weight-decay", "weight_decay",
              "of --optimizer adamw: the share of itself that a weight loses per step, over the rate", "X");
  add<double>(command, given, "--clip-norm", "clip_norm", "most that the gradient's norm may be, 0 for any",
              "X");
  add<double>(command, given, "--clip-value", "clip_value",
              "most that the gradient's numbers may be then, 0 for any", "X");
  add<double>(command, given, "--ema", "ema",
              "keep a running average of the weights, which loses all but this share of itself per step, and "
              "judge and draw by it; 0.999 is usual, 0 for none",
              "X");
  add<Index>(command, given, "--accumulate", "accumulate",
             "parts in which a batch is taken, one after another, to take less memory; ranks share them",
             "K");
  add_word(command, "--compression", "KIND",
           "of gradients on the way between ranks: none or bf16, which halves the bytes; default none",
           {"none", "bf16"}, into("compression"));
  add_text(command, "--init-from", "RUN",
           "run or checkpoint whose weights the model starts from, as far as they fit",
           [given](const std::string& run) { given->values["init_from"] = to_utf8(run); });
  add<Index>(command, given, "--patience", "patience",
             "validations without a better one after which training stops, 0 for never", "N");
  add<Index>(command, given, "--keep", "keep", "checkpoints that are kept besides the best one, 0 for all",
             "N");
  add_number<Index>(command, "--steps", "N", "steps to train; default: as many as --epochs are, digits 1000",
                    Range{1, range_of("steps").most}, into("steps"));
  add_number<double>(command, "--epochs", "X",
                     "epochs to train, where no steps are given; " + default_of("epochs"),
                     Range{.above = true}, into("epochs"));
  add<Index>(command, given, "--sample-every", "sample_every",
             "steps between grids of samples, 0 for one at the end", "N");
  add<Index>(command, given, "--save-every", "save_every", "steps between checkpoints, 0 for one at the end",
             "N");
  add<Index>(command, given, "--validate-every", "validate_every",
             "steps between validations, 0 for one at the end", "N");
  add<Index>(command, given, "--telemetry-every", "telemetry_every",
             "steps between lines of telemetry.jsonl, on what happens in each layer, 0 for none", "N");
  add<double>(command, given, "--temperature", "temperature", "temperature of the grids of samples", "T");
  add_switch(command, "--flip", "mirror images at random", on("flip", true));
  add_switch(command, "--strict", "stop at an image that cannot be decoded, rather than skip it",
             on("strict", true));
  add<Index>(command, given, "--max-megapixels", "max_megapixels",
             "pictures of more million pixels are skipped", "N");
  add<Index>(command, given, "--cache-mib", "cache_mib",
             "memory in which the pictures of a folder or of shards are kept once they are decoded, in MiB",
             "N");
  add_word(command, "--shuffle", "ORDER",
           "the order of an epoch: full, any order of all images; shards, which reads data in shards almost "
           "from first to last; or auto: shards where there are some; default auto",
           {"auto", "full", "shards"}, into("shuffle"));
  add<Index>(command, given, "--shuffle-buffer", "shuffle_buffer",
             "images of shards in a random order that are shuffled together", "N");
  add<std::uint64_t>(command, given, "--seed", "seed", "seed of all that is random", "S");
  add<int>(command, given, "--threads", "threads", "threads to use, 0 for all of the machine", "N");
  add_device(command, into("device"));
  add_word(command, "--precision", "P",
           "of the coupling networks' products: full, bf16 or, on a GPU, tf32; default full",
           {"full", "bf16", "tf32"}, into("precision"));
  add_word(
      command, "--activations", "A",
      "what training on the CPU keeps of the forward pass: flat (nothing), lean, fast, or auto; default auto",
      {"flat", "lean", "fast", "auto"}, into("activations"));
  add<Index>(command, given, "--activation-mib", "activation_mib", "memory that this may take, in MiB", "N");
  return given;
}

}  // namespace glow::app
