// The values that a setting may have.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include <glow/core/error.hpp>

#include "run/utf8.hpp"

namespace glow::app {

/// Numbers from `least` to `most`; without `least` itself if `above`.
struct Range {
  double least = 0;
  double most = DBL_MAX;
  bool above = false;

  bool holds(double v) const { return (above ? v > least : v >= least) && v <= most; }

  /// "1 to 8", "0 to 0.5", "at least 0", "above 0 and finite"
  template <class T>
  std::string text() const {
    if (!std::is_floating_point_v<T> && most < 1e15)
      return join(static_cast<std::int64_t>(least), " to ", static_cast<std::int64_t>(most));
    if (std::is_floating_point_v<T> && most < FLT_MAX)
      return join(above ? "above " : "", least, " to ", most);
    return join(above ? "above " : "at least ", least, std::is_floating_point_v<T> ? " and finite" : "");
  }
};

/// A JSON value as messages show it.
inline std::string json_shown(const nlohmann::json& value) {
  if (value.is_number_float()) return join(value.get<double>());
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

/// Sets `setting` from its JSON form. Throws Error, naming the setting, the value and what would be right,
/// for a value of another kind or outside `range`.
template <class T>
void set_from_json(const char* name, T& setting, const nlohmann::json& value, const Range& range) {
  if constexpr (std::is_same_v<T, std::string>) {
    require(value.is_string(), name, ": ", json_shown(value), " must be a string");
    setting = from_utf8(value.get<std::string>());
    return;
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    const auto is_string = [](const nlohmann::json& v) { return v.is_string(); };
    require(value.is_array() && std::all_of(value.begin(), value.end(), is_string), name, ": ",
            json_shown(value), " must be a list of strings");
    setting.clear();
    for (const auto& text : value) setting.push_back(from_utf8(text.get<std::string>()));
    return;
  } else if constexpr (std::is_same_v<T, bool>) {
    require(value.is_boolean(), name, ": ", json_shown(value), " must be true or false");
  } else {
    constexpr bool whole = !std::is_floating_point_v<T>;
    require(whole ? value.is_number_integer() : value.is_number(), name, ": ", json_shown(value),
            " must be a ", whole ? "whole number, " : "number, ", range.text<T>());
    const bool sign_fits = !std::is_unsigned_v<T> || value.is_number_unsigned();
    require(sign_fits && range.holds(value.get<double>()), name, ": ", json_shown(value), " must be ",
            range.text<T>());
  }
  value.get_to(setting);
}

}  // namespace glow::app
