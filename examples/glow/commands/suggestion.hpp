// What somebody may have meant by a word that is unknown.
#pragma once

#include <string>
#include <vector>

namespace glow::app {

/// "; did you mean 'train'?" for a word that is one of `known` but for a slip or two, or the beginning of
/// one; "" for any other word.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known);

/// The same or, where no word is like it, up to 50 of the words: "; there are cat, dog".
std::string did_you_mean_or_all(const std::string& word, const std::vector<std::string>& words);

}  // namespace glow::app
