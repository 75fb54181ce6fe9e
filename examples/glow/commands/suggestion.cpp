#include "commands/suggestion.hpp"

#include <algorithm>

namespace glow::app {

namespace {

// Letters to insert, remove, replace or swap with their neighbour to make b of a (optimal string alignment
// distance, see Damerau, Comm. ACM 7, 1964).
std::size_t slips(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before, last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  if (word.size() < 4) return best;  // too short to tell: gpu is no slip of cpu
  std::size_t fewest = word.size() / 3 + 1;
  for (const std::string& candidate : known) {
    const std::size_t n = candidate.starts_with(word) ? 1 : slips(word, candidate);
    if (n < fewest) {
      fewest = n;
      best = candidate;
    }
  }
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

std::string did_you_mean_or_all(const std::string& word, const std::vector<std::string>& words) {
  constexpr std::size_t most_listed = 50;
  std::string text = did_you_mean(word, words);
  if (!text.empty()) return text;
  for (std::size_t i = 0; i < std::min(words.size(), most_listed); ++i)
    text += (i == 0 ? "; there are " : ", ") + words[i];
  return words.size() > most_listed ? text + ", ..." : text;
}

}  // namespace glow::app
