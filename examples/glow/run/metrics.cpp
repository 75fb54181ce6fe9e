#include "run/metrics.hpp"

#include <cmath>
#include <cstring>
#include <iomanip>
#include <iostream>

#include "run/finite_json.hpp"

namespace glow::app {

namespace {

constexpr const char* validation_name = "validation_bits_per_dim";

std::string with_validation(const std::string& line, double bits_per_dim) {
  auto json = nlohmann::ordered_json::parse(line);
  json[validation_name] = finite_json(bits_per_dim);
  return json.dump();
}

std::string as_json(const Metrics& m) {
  nlohmann::ordered_json line{{"step", m.step.step},
                              {"epoch", m.epoch},
                              {"bits_per_dim", finite_json(m.step.bits_per_dim)},
                              {"gradient_norm", finite_json(m.step.gradient_norm)},
                              {"images_per_second", finite_json(m.images_per_second)},
                              {"learning_rate", m.step.learning_rate},
                              {"seconds", m.seconds},
                              {"waited", m.waited}};
  if (m.accuracy) line["accuracy"] = finite_json(*m.accuracy);
  if (!m.step.taken) line["skipped"] = true;
  if (m.validation_bits_per_dim) line[validation_name] = finite_json(*m.validation_bits_per_dim);
  return line.dump();
}

std::string duration(double seconds) {
  const auto s = static_cast<long>(seconds + 0.5);
  std::ostringstream out;
  if (s >= 3600) out << s / 3600 << ":" << std::setw(2) << std::setfill('0');
  out << s / 60 % 60 << ":" << std::setw(2) << std::setfill('0') << s % 60;
  return out.str();
}

}  // namespace

Reporter::Reporter(const std::filesystem::path& file, Index from_step, Index steps, Voice voice,
                   Terminal terminal, std::chrono::milliseconds silence)
    : file_(file, from_step),
      from_step_(from_step),
      steps_(steps),
      voice_(voice),
      terminal_(terminal),
      silence_(silence),
      warnings_before_(on_warning([this](const std::string& text) {
        if (voice_ != Voice::quiet) fault(text);
      })) {}

Reporter::~Reporter() { on_warning(std::move(warnings_before_)); }

void Reporter::step(const Metrics& m, bool validation_follows) {
  validated({});  // nobody did
  unwritten_ = as_json(m);
  file_.append(unwritten_);
  unwritten_.clear();
  if (validation_follows) {
    untold_ = m;
  } else {
    tell(m);
  }
}

void Reporter::validated(std::optional<double> bits_per_dim) {
  if (bits_per_dim) file_.replace_last(with_validation(file_.last(), *bits_per_dim));
  if (!untold_) {
    if (bits_per_dim) say(join("validation ", *bits_per_dim, " bits/dim"));
    return;
  }
  untold_->validation_bits_per_dim = bits_per_dim;
  tell(*untold_);
  untold_.reset();
}

void Reporter::restore(Index step, const std::string& line) {
  if (file_.last_step() < step) file_.append(line);
}

std::optional<double> Reporter::validation_of(Index step) const {
  if (file_.last_step() != step) return std::nullopt;
  const auto line = nlohmann::json::parse(file_.last());
  const auto found = line.find(validation_name);
  if (found == line.end()) return std::nullopt;
  return found->is_number() ? found->get<double>() : std::nan("");
}

void Reporter::tell(const Metrics& m) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (voice_ == Voice::json) print(as_json(m) + "\n");
  if (voice_ != Voice::progress && voice_ != Voice::lines) return;
  const auto now = std::chrono::steady_clock::now();
  const bool last = m.step.step == steps_;
  const bool stays = voice_ == Voice::lines || last || m.validation_bits_per_dim || !m.step.taken;
  const bool due = voice_ == Voice::progress
                       ? now - last_line_ > std::chrono::milliseconds(100)
                       : now - last_line_ > silence_ || m.step.step % std::max(Index{1}, steps_ / 20) == 0;
  if (!due && !last && !m.validation_bits_per_dim && m.step.taken) return;
  last_line_ = now;
  std::ostringstream text;
  text << "step " << m.step.step << "/" << steps_ << std::fixed << std::setprecision(3) << "  bits/dim "
       << m.step.bits_per_dim;
  if (m.validation_bits_per_dim) text << "  validation " << *m.validation_bits_per_dim;
  if (m.accuracy) text << "  accuracy " << std::setprecision(2) << *m.accuracy;
  const double rate = m.seconds / static_cast<double>(m.step.step - from_step_);
  text << "  " << std::setprecision(m.images_per_second < 100 ? 1 : 0) << m.images_per_second << " images/s  "
       << duration(rate * static_cast<double>(steps_ - m.step.step)) << " left";
  if (!m.step.taken) text << "  not finite: step skipped";
  std::string line = text.str();
  // A progress line that wrapped could not be overwritten.
  if (!stays) line = line.substr(0, terminal_.columns() - 1);
  print((voice_ == Voice::progress ? "\r\033[K" : "") + line + (stays ? "\n" : ""));
  on_progress_line_ = !stays;
}

void Reporter::say(const std::string& line) {
  if (voice_ != Voice::progress && voice_ != Voice::lines) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  end_progress_line();
  print(line + "\n");
}

void Reporter::fault(const std::string& line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  end_progress_line();
  std::cerr << "glow: warning: " << line << std::endl;
}

void Reporter::print(const std::string& text) {
  if (terminal_.error() != 0) return;
  terminal_.print(text);
  if (terminal_.error() != 0) {
    std::cerr << "glow: warning: cannot write to standard output: " << std::strerror(terminal_.error())
              << "; training goes on without it" << std::endl;
  }
}

void Reporter::end_progress_line() {
  if (on_progress_line_) print("\n");
  on_progress_line_ = false;
}

}  // namespace glow::app
