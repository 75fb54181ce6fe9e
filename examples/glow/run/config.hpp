// The configuration of a run: what `glow train` is told, and what it writes into the run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <glow/layers/architecture.hpp>
#include <glow/train/trainer.hpp>

#include "data/open_dataset.hpp"
#include "run/json_file.hpp"
#include "run/setting_range.hpp"

namespace glow::app {

/// Every setting of a run; the JSON form has the same names.
struct Config {
  std::string data = "digits";
  std::string size;          ///< "HxW", or "" for the data's own
  Index channels = 0;        ///< 1 grey, 3 colour, 0 for the data's own: see open_dataset
  double train_split = 0.9;  ///< images to train on: a share up to 1, or a number of images above
  int bits = 5;
  int depth = 16;
  int levels = 3;
  Index width = 512;
  bool learn_top_prior = true;
  Index batch = 64;
  double lr = 1e-3;
  Index warmup_steps = 0;
  double warmup_epochs = 0;           ///< added to warmup_steps
  std::string schedule = "constant";  ///< of the rate after the warm-up: "constant", "cosine" or "step"
  double lr_last = 0;                 ///< of "cosine": the last step's rate, as a share of lr
  Index lr_every = 0;                 ///< of "step": steps between two falls of the rate
  double lr_factor = 0.1;             ///< of "step": what the rate is multiplied with
  std::string optimizer = "adam";     ///< "adam", "adamw" or "adamax"
  double weight_decay = 0;            ///< of "adamw"
  double clip_norm = 0;               ///< most that the gradient's norm may be; 0: any
  double clip_value = 0;              ///< most that its numbers may be then; 0: any
  double ema = 0;                     ///< of the averaged weights, 0.999 for instance; 0: none
  Index accumulate = 1;               ///< parts in which a batch is taken
  std::string compression = "none";   ///< of gradients on the way between ranks: "none" or "bf16"
  std::string init_from;              ///< the run or checkpoint that the model starts from; "" for none
  Index patience = 0;  ///< validations without a better one after which training stops; 0: never
  Index keep = 0;      ///< checkpoints that are kept besides the best; 0: all
  Index steps = 0;     ///< 0: by epochs
  double epochs = 10;
  Index sample_every = 500;    ///< steps; 0: only at the end
  Index save_every = 1000;     ///< steps; 0: only at the end
  Index validate_every = 500;  ///< steps; 0: only at the end
  Index telemetry_every = 0;   ///< steps between lines of telemetry.jsonl; 0: none
  double temperature = 0.7;
  bool flip = false;
  bool strict = false;
  Index max_megapixels = 100;    ///< pictures of more, in 10^6 pixels, are not decoded
  Index cache_mib = 1024;        ///< memory for decoded pictures of a folder or of shards
  std::string shuffle = "auto";  ///< the order of an epoch: "full", "shards", or "auto", by the data
  Index shuffle_buffer = 10000;  ///< images that are shuffled together where it is by shards
  std::uint64_t seed = 0;
  int threads = 0;                       ///< 0: all of the machine
  std::string device = "auto";           ///< "auto", "cpu" or "cuda"
  std::string precision = "full";        ///< of the coupling networks: "full", "tf32" or "bf16"
  std::string coupling = "affine";       ///< the couplings' map, see coupling_map_of
  std::string permutation = "lu";        ///< what mixes channels: "lu", "shuffle" or "reverse"
  bool classes = false;                  ///< the model is conditional on the classes that the data have
  std::string condition = "priors";      ///< what depends on the class: "priors", or "all", couplings too
  std::vector<std::string> class_names;  ///< of these classes, in the order of their labels; from the data
  std::string activations = "auto";      ///< kept on the CPU: "flat", "lean", "fast" or "auto"
  Index activation_mib = 1024;           ///< memory that these may take

  Architecture architecture() const;
  TrainOptions train_options() const;
  /// Throws Error if `size` is not HxW.
  std::optional<ImageSize> image_size() const;
  /// Throws Error if a limit is negative or absurd.
  PictureOptions picture_options(FolderOrder order = FolderOrder::by_name) const;
  /// The window of the order of an epoch, see Shuffle; throws Error for a shuffle by shards of data that lie
  /// in none.
  Index shuffle_window(const Dataset& data) const;
  /// Images to train on out of `images`; throws Error if none is left to train or to validate on.
  Index train_images(Index images) const;
  /// Throws ShapeError, with the levels or the size that would do, if images [H, W, C] cannot be halved at
  /// every level.
  void check_levels(const Shape& image) const;
  /// Throws Error for settings of training that do not go together.
  void check_training() const;
  /// Steps in an epoch of `train_images`, rounded up, and those of the run and of its warm-up.
  void resolve(Index train_images);
};

/// The JSON form; text in it is UTF-8, see to_utf8.
nlohmann::json to_json(const Config& config);

/// The settings that make a model another one: those of `Config::architecture` but the precision, which only
/// says how it is computed.
nlohmann::json architecture_settings(const Config& config);

/// The numbers that a setting may be; throws Error if there is no such setting.
Range range_of(const std::string& setting);

/// The JSON form as text: on one line, or with each setting on a line of its own, indented by `indent`.
std::string json_text(const Config& config, int indent = -1);

/// A configuration from its JSON form; what is absent keeps its default. Throws Error naming an unknown key,
/// or a value of the wrong kind or out of range, with what would be right.
Config config_from_json(const nlohmann::json& json);

/// The configuration that an object read from a file holds. Throws FileError as config_from_json does, with
/// the place in the object's source.
Config config_from_file(const JsonObject& object);

/// The members of an object that holds settings, each of which may be one. Throws as config_from_file does.
nlohmann::json read_settings(const JsonObject& object);

}  // namespace glow::app
