// Options of the commands. Each refuses what it cannot take with its name, the value and what would be right.
#pragma once

#include <charconv>
#include <functional>
#include <optional>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>

#include "commands/usage_error.hpp"
#include "run/setting_range.hpp"

namespace glow::app {

/// The number that `text` is in decimal notation; none for anything else, such as 0x10, +1, " 1" or a number
/// that T cannot hold.
template <class T>
std::optional<T> from_decimal(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number that is given to `option`; throws UsageError for what is none or lies outside `range`.
template <class T>
T number_of(const std::string& option, const std::string& text, const Range& range) {
  const auto value = from_decimal<T>(text);
  require<UsageError>(value.has_value(), option, ": '", text, "' must be a ",
                      std::is_floating_point_v<T> ? "number, " : "whole number, ", range.text<T>());
  require<UsageError>(range.holds(static_cast<double>(*value)), option, ": ", text, " must be ",
                      range.text<T>());
  return *value;
}

/// The numbers in `list`, with commas between, that is given to `option`; throws as number_of does.
template <class T>
std::vector<T> numbers_of(const std::string& option, const std::string& list, const Range& range) {
  std::vector<T> all;
  std::istringstream in(list + ",");
  for (std::string text; std::getline(in, text, ',');) all.push_back(number_of<T>(option, text, range));
  return all;
}

/// Adds an option that takes a number in `range`, which its help tells.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& option, const std::string& type,
                        const std::string& help, const Range& range, std::function<void(T)> set) {
  return command
      .add_option_function<std::string>(
          option, [option, range, set](const std::string& text) { set(number_of<T>(option, text, range)); },
          help + "; " + range.text<T>())
      ->type_name(type);
}
/// The same for a variable, whose value is the default.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& option, const std::string& type,
                        const std::string& help, const Range& range, T& variable) {
  return add_number<T>(command, option, type, join(help, "; default ", variable), range,
                       [&variable](T value) { variable = value; });
}

/// Adds an option, or an argument, that takes any text but an empty one.
CLI::Option* add_text(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, std::function<void(const std::string&)> set);
CLI::Option* add_text(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, std::string& variable);

/// Adds an option that takes one text or several, none of them empty, and may be given more than once.
CLI::Option* add_texts(CLI::App& command, const std::string& option, const std::string& type,
                       const std::string& help, std::vector<std::string>& variable);

/// Adds an option that takes one of `words`.
CLI::Option* add_word(CLI::App& command, const std::string& option, const std::string& type,
                      const std::string& help, const std::vector<std::string>& words,
                      std::function<void(const std::string&)> set);

/// Adds an option without a value.
CLI::Option* add_switch(CLI::App& command, const std::string& option, const std::string& help,
                        std::function<void()> set);
CLI::Option* add_switch(CLI::App& command, const std::string& option, const std::string& help,
                        bool& variable);

}  // namespace glow::app
