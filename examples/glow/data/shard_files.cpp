#include "data/shard_files.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <glob.h>

#include <glow/core/error.hpp>

#include "data/picture_files.hpp"

namespace glow::app {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_shards = 1'000'000;

bool is_tar(const fs::path& file) {
  std::error_code error;  // what cannot be looked at is none
  return file.extension() == ".tar" && fs::is_regular_file(file, error);
}

std::vector<fs::path> tars_in(const fs::path& folder) {
  std::vector<fs::path> tars;
  std::error_code error;  // a folder that cannot be listed is ImageFolder's to refuse
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_tar(entry.path()) && !entry.path().filename().native().starts_with('.'))
      tars.push_back(entry.path());
  }
  std::sort(tars.begin(), tars.end());
  return tars;
}

bool has_wildcards(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

// The texts that "A..B" stands for; none if it is no such range.
std::optional<std::vector<std::string>> range_of_numbers(const std::string& pattern,
                                                         const std::string& inside) {
  const std::size_t dots = inside.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const std::string from = inside.substr(0, dots), to = inside.substr(dots + 2);
  std::uint64_t first = 0, last = 0;
  const auto number = [](const std::string& text, std::uint64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  };
  if (!number(from, first) || !number(to, last)) return std::nullopt;
  require<FileError>(first <= last && last - first < most_shards, "data: '", pattern, "': {", inside,
                     "} must be a range of up to ", most_shards, " numbers, the smaller one first");
  std::vector<std::string> all;
  for (std::uint64_t n = first; n <= last; ++n) {
    const std::string digits = std::to_string(n);
    all.push_back(std::string(from.size() - std::min(from.size(), digits.size()), '0') + digits);
  }
  return all;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

// The texts that a pattern's braces stand for, the last brace fastest.
std::vector<std::string> expanded(const std::string& pattern) {
  std::vector<std::string> all{""};
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t open = std::min(pattern.find_first_of("{}", at), pattern.size());
    for (std::string& text : all) text += pattern.substr(at, open - at);
    if (open == pattern.size()) break;
    const std::size_t close = pattern.find_first_of("{}", open + 1);
    require<FileError>(pattern[open] == '{' && close != std::string::npos && pattern[close] == '}', "data: '",
                       pattern, "': '", pattern[open], "' at character ", open + 1,
                       " needs its other brace; braces within braces are not read");
    const std::string inside = pattern.substr(open + 1, close - open - 1);
    const auto numbers = range_of_numbers(pattern, inside);
    const std::vector<std::string> choices = numbers ? *numbers : split_at_commas(inside);
    require<FileError>(all.size() <= most_shards / choices.size(), "data: '", pattern,
                       "' stands for more than ", most_shards, " names");
    std::vector<std::string> longer;
    for (const std::string& text : all) {
      for (const std::string& choice : choices) longer.push_back(text + choice);
    }
    all = std::move(longer);
    at = close + 1;
  }
  return all;
}

// The files whose names a text with wildcards fits.
std::vector<fs::path> fitting(const std::string& data, const std::string& text) {
  struct Found : glob_t {
    Found() : glob_t{} {}
    ~Found() { ::globfree(this); }
  } found;
  const int error = ::glob(text.c_str(), GLOB_NOSORT | GLOB_NOESCAPE, nullptr, &found);
  require<FileError>(error != GLOB_NOMATCH, "data: '", data, "': no file fits '", text, "'");
  require<FileError>(error == 0, "data: '", data, "': '", text, "' cannot be looked for");
  std::vector<fs::path> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> files_of_pattern(const std::string& data) {
  const std::vector<std::string> texts = expanded(data);
  std::vector<fs::path> files;
  std::set<fs::path> seen;
  std::size_t missing = 0;
  std::string first_missing;
  const auto take = [&](const fs::path& file) {
    require<FileError>(file.extension() == ".tar", "data: '", data, "': '", file.string(),
                       "' is no .tar file; patterns name tar shards, unpacked");
    require<FileError>(seen.insert(file).second, "data: '", data, "' names '", file.string(), "' twice");
    if (fs::exists(file)) {
      files.push_back(file);
    } else if (missing++ == 0) {
      first_missing = file.string();
    }
  };
  for (const std::string& text : texts) {
    if (!has_wildcards(text)) {
      take(text);
      continue;
    }
    for (const fs::path& file : fitting(data, text)) take(file);
  }
  require<FileError>(missing == 0, "data: '", data, "': ", missing, " of ", missing + files.size(),
                     " shards do not exist, the first of them '", first_missing, "'");
  return files;
}

}  // namespace

bool is_shards(const std::string& data) {
  const fs::path path(data);
  std::error_code error;
  if (fs::is_directory(path, error)) return !tars_in(path).empty() && find_picture_files(path).files.empty();
  if (fs::exists(path, error)) return is_tar(path);
  return data.find_first_of("*?[{") != std::string::npos;
}

std::vector<fs::path> shard_files(const std::string& data) {
  const fs::path path(data);
  std::error_code error;
  if (fs::is_directory(path, error)) return tars_in(path);
  if (fs::exists(path, error)) return {path};
  return files_of_pattern(data);
}

}  // namespace glow::app
