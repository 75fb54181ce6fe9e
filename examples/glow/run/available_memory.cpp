#include "run/available_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace glow::app {

namespace {

// The number after `key` in a file of words; the first number without a key. None for "max" or no file.
std::optional<std::size_t> number_in(const std::filesystem::path& file, const std::string& key = "") {
  std::ifstream in(file);
  std::size_t n = 0;
  for (std::string word; !key.empty() && word != key;) {
    if (!(in >> word)) return std::nullopt;
  }
  if (!(in >> n)) return std::nullopt;
  return n;
}

std::size_t less(std::size_t a, std::size_t b) { return a > b ? a - b : 0; }

// What control group `folder` leaves: its limit, less what it uses and could not give back.
std::size_t left_by_group(const std::filesystem::path& folder) {
  const auto limit = number_in(folder / "memory.max"), used = number_in(folder / "memory.current");
  if (!limit || !used) return SIZE_MAX;
  return less(*limit, less(*used, number_in(folder / "memory.stat", "inactive_file").value_or(0)));
}

// The least that the process's control group and those above it leave.
std::size_t left_by_groups() {
  const std::filesystem::path root = "/sys/fs/cgroup";
  std::ifstream in("/proc/self/cgroup");
  std::size_t least = left_by_group(root);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("0::/")) continue;
    for (auto group = std::filesystem::path(line.substr(4)); !group.empty(); group = group.parent_path())
      least = std::min(least, left_by_group(root / group));
  }
  return least;
}

std::size_t left_of_addresses() {
  rlimit limit{};
  const auto pages = number_in("/proc/self/statm");
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || !pages) return SIZE_MAX;
  return less(static_cast<std::size_t>(limit.rlim_cur),
              *pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace

std::size_t available_host_memory() {
  const auto kib = number_in("/proc/meminfo", "MemAvailable:");
  return std::min({kib ? *kib << 10 : SIZE_MAX, left_by_groups(), left_of_addresses()});
}

}  // namespace glow::app
