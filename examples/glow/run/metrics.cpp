#include "run/metrics.hpp"

#include <cmath>
#include <iomanip>
#include <iostream>

#include <nlohmann/json.hpp>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

// JSON has no NaN and no infinity.
nlohmann::json finite(double v) { return std::isfinite(v) ? nlohmann::json(v) : nlohmann::json(nullptr); }

std::string as_json(const Metrics& m) {
  nlohmann::ordered_json line{{"step", m.step.step},
                              {"epoch", m.epoch},
                              {"bits_per_dim", finite(m.step.bits_per_dim)},
                              {"gradient_norm", finite(m.step.gradient_norm)},
                              {"images_per_second", finite(m.images_per_second)},
                              {"learning_rate", m.step.learning_rate},
                              {"seconds", m.seconds}};
  if (m.validation_bits_per_dim) line["validation_bits_per_dim"] = finite(*m.validation_bits_per_dim);
  if (!m.step.taken) line["skipped"] = true;
  return line.dump();
}

std::string duration(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  std::ostringstream out;
  if (s >= 3600) out << s / 3600 << ":" << std::setw(2) << std::setfill('0');
  out << s / 60 % 60 << ":" << std::setw(2) << std::setfill('0') << s % 60;
  return out.str();
}

void keep_steps_up_to(const std::filesystem::path& path, Index last) {
  if (!std::filesystem::exists(path)) return;
  std::ifstream in(path);
  std::string kept;
  for (std::string line; std::getline(in, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    const auto step = json.is_object() ? json.find("step") : json.end();
    if (step != json.end() && step->is_number_integer() && *step <= last) kept += line + "\n";
  }
  write_file_atomically(path, kept);
}

}  // namespace

Reporter::Reporter(const std::filesystem::path& file, Index from_step, Index steps, Voice voice)
    : path_(file), from_step_(from_step), steps_(steps), voice_(voice) {
  keep_steps_up_to(file, from_step);
  file_.open(file, std::ios::app);
  check();
}

void Reporter::step(const Metrics& m) {
  const std::string line = as_json(m);
  file_ << line << '\n' << std::flush;
  check();
  if (voice_ == Voice::json) std::cout << line << '\n' << std::flush;
  if (voice_ != Voice::progress && voice_ != Voice::lines) return;
  const auto now = std::chrono::steady_clock::now();
  const bool last = m.step.step == steps_;
  const Index every = std::max(Index{1}, steps_ / 20);
  const bool due = voice_ == Voice::progress ? now - last_line_ > std::chrono::milliseconds(100)
                                             : m.step.step % every == 0;
  if (!due && !last && !m.validation_bits_per_dim && m.step.taken) return;
  last_line_ = now;
  std::ostringstream text;
  text << "step " << m.step.step << "/" << steps_ << std::fixed << std::setprecision(3) << "  bits/dim "
       << m.step.bits_per_dim;
  if (m.validation_bits_per_dim) text << "  validation " << *m.validation_bits_per_dim;
  const double rate = m.seconds / static_cast<double>(m.step.step - from_step_);
  text << "  " << std::setprecision(m.images_per_second < 100 ? 1 : 0) << m.images_per_second << " images/s  "
       << duration(rate * static_cast<double>(steps_ - m.step.step)) << " left";
  if (!m.step.taken) text << "  not finite: step skipped";
  const bool stays = voice_ == Voice::lines || last || m.validation_bits_per_dim || !m.step.taken;
  if (voice_ == Voice::progress) std::cout << "\r\033[K";
  std::cout << text.str() << (stays ? "\n" : "") << std::flush;
  on_progress_line_ = !stays;
}

void Reporter::say(const std::string& line) {
  if (voice_ != Voice::progress && voice_ != Voice::lines) return;
  end_progress_line();
  std::cout << line << '\n' << std::flush;
}

void Reporter::check() const {
  require<FileError>(file_.good(), "cannot write '", path_.string(),
                     "': is the folder writable, and the disk not full?");
}

void Reporter::end_progress_line() {
  if (on_progress_line_) std::cout << '\n';
  on_progress_line_ = false;
}

}  // namespace glow::app
