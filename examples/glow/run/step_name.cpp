#include "run/step_name.hpp"

#include <algorithm>
#include <charconv>

namespace glow::app {

namespace {

constexpr std::string_view step_prefix = "step_";

}  // namespace

std::string step_name(Index step) {
  const std::string digits = std::to_string(step);
  return std::string(step_prefix) + std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits;
}

std::optional<Index> step_of(const std::filesystem::path& file, const std::string& extension) {
  const std::string name = file.filename().string();
  if (!name.starts_with(step_prefix) || !name.ends_with(extension) ||
      name.size() <= step_prefix.size() + extension.size())
    return std::nullopt;
  const char* const first = name.data() + step_prefix.size();
  const char* const last = name.data() + name.size() - extension.size();
  Index step = 0;
  const bool digits = std::all_of(first, last, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || std::from_chars(first, last, step).ec != std::errc()) return std::nullopt;
  return step;
}

}  // namespace glow::app
