// What lies with data and is not taken, in a line for people.
#pragma once

#include <map>
#include <string>

#include <glow/data/left_out.hpp>

namespace glow::app {

/// "*.txt: 3 (first 'a.txt'), hidden: 1 ('.x')", the most frequent reasons first; "" if there are none.
std::string left_out_text(const std::map<std::string, LeftOut>& by_reason);

}  // namespace glow::app
