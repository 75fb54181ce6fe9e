// Tar shards by the text of --data.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace glow::app {

/// True if `data` are tar shards: a .tar file, a folder with .tar files and without pictures in it or below,
/// or, where there is no file or folder of that name, a pattern: see shard_files.
bool is_shards(const std::string& data);

/// The shards that `data` name: a .tar file; the .tar files of a folder in the order of their names; or those
/// of a pattern. In a pattern {000..127} stands for the numbers between, with as many digits, {a,b} for a and
/// b, and then *, ? and [a-z] for the names of files that are there, in their order. Throws FileError, naming
/// the pattern and the file, for files that are not there, another name than *.tar, a shard that is named
/// twice, and braces that cannot be read or stand for more than a million names.
std::vector<std::filesystem::path> shard_files(const std::string& data);

}  // namespace glow::app
