// The glow program in tests: small runs of it, and what they leave.
#pragma once

#include <nlohmann/json.hpp>

#include "places.hpp"
#include "program/child.hpp"

namespace glow::test {

using Words = Child::Words;

inline Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Runs `glow WORDS` to its end.
inline Outcome run_glow(const Words& words, const std::filesystem::path& folder = {}) {
  return Child(Words{glow_program} + words, folder).wait();
}

/// A command that the shell runs in its own place, after `before` and with `redirected` streams.
inline Words in_shell(const Words& command, const std::string& redirected, const std::string& before = "") {
  return Words{"/bin/sh", "-c", before + "exec \"$0\" \"$@\" " + redirected} + command;
}

/// The settings of a model that takes a millisecond a step.
inline const Words small_model{"--depth", "1",  "--levels",       "1", "--width", "8",
                               "--batch", "16", "--warmup-steps", "5"};

/// `glow train` of the small model on the digits; the run must succeed.
inline Outcome train_digits(const std::filesystem::path& run, const Words& more = {"--steps", "6"}) {
  const Outcome o = run_glow(Words{"train", "--data", "digits", "--out", run.string()} + small_model + more);
  INFO(o.err);
  REQUIRE(o.status == 0);
  return o;
}

/// True if `text` is one line that starts with "glow: ".
inline bool one_line(const std::string& text) {
  return text.rfind("glow: ", 0) == 0 && text.find('\n') == text.size() - 1;
}

/// The checkpoint of a step, in its run.
inline std::string checkpoint_of(int step) {
  std::string digits = std::to_string(step);
  return "checkpoints/step_" + std::string(8 - digits.size(), '0') + digits + ".safetensors";
}

/// Lines of JSON.
inline std::vector<nlohmann::json> json_lines(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace glow::test
