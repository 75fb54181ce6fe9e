// What glow_gpu_benchmark is asked for.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <glow/glow.hpp>

namespace glow::benchmarks {

struct Options {
  std::string json;                   ///< the file that the figures go to; none if empty
  std::set<std::string> parts;        ///< all if empty
  std::vector<Precision> precisions;  ///< in the order of the command line, or else all
  bool once = false;                  ///< everything runs once: for a profiler
  bool smoke = false;  ///< everything runs once in the smallest sizes, which shows that it runs

  bool wants(const std::string& part) const { return parts.empty() || parts.count(part) == 1; }
};

/// The options of a command line; throws Error if it makes no sense.
inline Options read_options(const std::vector<std::string>& words) {
  const std::set<std::string> known{"rates",    "kernels",  "networks", "convolutions",
                                    "training", "sampling", "memory"};
  Options o;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json" && i + 1 < words.size()) {
      o.json = words[++i];
    } else if (words[i] == "--precision" && i + 1 < words.size()) {
      o.precisions.push_back(precision_of(words[++i]));
    } else if (words[i] == "--once") {
      o.once = true;
    } else if (words[i] == "--smoke") {
      o.once = o.smoke = true;
    } else {
      require(known.count(words[i]) == 1, "'", words[i],
              "' is none of rates, kernels, networks, convolutions, training, sampling, memory, --json FILE, "
              "--precision full|tf32|bf16, --once, --smoke");
      o.parts.insert(words[i]);
    }
  }
  if (o.precisions.empty()) o.precisions = {Precision::bf16, Precision::tf32, Precision::full};
  return o;
}

}  // namespace glow::benchmarks
