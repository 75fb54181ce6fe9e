#include "run/telemetry_log.hpp"

#include <chrono>

#include "run/finite_json.hpp"

namespace glow::app {

namespace {

nlohmann::ordered_json as_json(const LayerTelemetry& l) {
  nlohmann::ordered_json line{{"layer", l.name}};
  if (l.container) line["container"] = true;
  const auto add = [&](const char* key, std::optional<double> figure) {
    if (figure) line[key] = finite_json(*figure);
  };
  add("forward_seconds", l.forward_seconds);
  add("backward_seconds", l.backward_seconds);
  add("largest", l.largest);
  add("logdet_bits_per_dim", l.logdet_bits_per_dim);
  add("gradient_norm", l.gradient_norm);
  add("least_scale", l.least_scale);
  add("largest_scale", l.largest_scale);
  add("condition", l.condition);
  add("inverse_error", l.inverse_error);
  return line;
}

}  // namespace

TelemetryLog::TelemetryLog(AnyTrainer& trainer, const Config& config, const Dataset& data, Index first,
                           const std::filesystem::path& run)
    : trainer_(trainer), config_(config), data_(data), first_(first) {
  const auto file = run / "telemetry.jsonl";
  if (config.telemetry_every > 0 || std::filesystem::exists(file)) file_.emplace(file, trainer.steps());
}

void TelemetryLog::load() {
  const Index at_a_time = (config_.batch - 1) / config_.accumulate + 1;
  images_ = load_first(data_, first_, data_.size() - first_, std::min(at_a_time, most_images));
  require<FileError>(!images_.indices.empty(), "telemetry: none of ", data_.size() - first_,
                     " images that are not trained on can be decoded");
  for (const Index i : images_.indices) noise_.push_back(Random{config_.seed, 10}.fork(data_.key(i)));
}

void TelemetryLog::take_if_due() {
  const Index step = trainer_.steps();
  if (!due(step)) return;
  if (noise_.empty()) load();
  const auto begin = std::chrono::steady_clock::now();
  const Telemetry t = trainer_.telemetry(images_.pixels, noise_, images_.labels);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  nlohmann::ordered_json line{{"step", step},
                              {"images", noise_.size()},
                              {"bits_per_dim", finite_json(t.bits_per_dim)},
                              {"gradient_norm", finite_json(t.gradient_norm)},
                              {"logdet_bits_per_dim", finite_json(t.logdet_bits_per_dim)},
                              {"round_trip_error", finite_json(t.round_trip_error)},
                              {"seconds", seconds.count()},
                              {"layers", nlohmann::ordered_json::array()}};
  for (const LayerTelemetry& l : t.layers) line["layers"].push_back(as_json(l));
  file_->append(line.dump());
}

void TelemetryLog::sync() {
  if (file_) file_->sync();
}

}  // namespace glow::app
