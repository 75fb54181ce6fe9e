// What somebody may have meant by a word that is unknown.
#pragma once

#include <string>
#include <vector>

namespace glow::app {

/// "; did you mean 'train'?" for a word that is one of `known` but for a slip or two, or the beginning of
/// one; "" for any other word.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

}  // namespace glow::app
