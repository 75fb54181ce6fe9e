#include "run/folders.hpp"

#include <algorithm>
#include <array>

#include <glow/core/error.hpp>
#include <glow/io/stray_files.hpp>

#include "run/step_name.hpp"

namespace glow::app {

namespace {

namespace fs = std::filesystem;

// What lies in a folder; nothing for one that cannot be listed.
std::vector<fs::path> list(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
    all.push_back(i->path());
  return all;
}

// What training writes into a run folder itself.
constexpr std::array<std::string_view, 6> run_files{"config.json",     "data.json",  "metrics.jsonl",
                                                    "telemetry.jsonl", "trace.json", "evolution.gif"};

bool is_run_file(const std::string& name) {
  return std::find(run_files.begin(), run_files.end(), name) != run_files.end();
}

// A picture of another command.
bool is_picture(const std::string& name) {
  return name.ends_with(".png") && (name.starts_with("sample_t") || name.starts_with("interpolation_") ||
                                    name == "reconstructions.png");
}

// Files of killed processes, half written.
void remove_stray_files(const fs::path& folder) {
  remove_stray_temporary_files(folder, [](const std::string& name) {
    return is_run_file(name) || is_picture(name) || step_of(name, ".png") || step_of(name, ".safetensors");
  });
}

bool saved(const fs::path& run) {
  const auto files = list(run / "checkpoints");
  return std::any_of(files.begin(), files.end(),
                     [](const fs::path& file) { return step_of(file, ".safetensors").has_value(); });
}

// Throws unless a run may begin in the folder `run`, which is there.
void check_free(const fs::path& run) {
  const std::string lead = "'" + run.string() + "' is there already";
  require<FileError>(fs::is_directory(run), lead, "; choose another --out");
  require<FileError>(!saved(run), lead, "; choose another --out, or go on with --resume ", run.string());
  for (const auto& file : list(run)) {
    const std::string name = file.filename().string();
    const bool ours = is_run_file(name) || is_picture(name) || name == "samples" || name == "checkpoints" ||
                      name == RunLock::name || name.find(detail::temporary_mark) != std::string::npos;
    require<FileError>(ours, lead, " and holds '", name,
                       "', which is not of a run that never saved; choose another --out");
  }
}

// Removes what a run that never saved has written. What others have put beside it stays.
void remove_unsaved_run(const fs::path& run) {
  std::error_code error;  // what cannot be removed stays
  for (const std::string_view name : run_files) fs::remove(run / name, error);
  for (const auto& file : list(run / "samples")) {
    if (step_of(file, ".png")) fs::remove(file, error);
  }
  for (const char* folder : {"samples", "checkpoints"}) {
    remove_stray_files(run / folder);
    fs::remove(run / folder, error);
  }
  remove_stray_files(run);
}

}  // namespace

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  require<FileError>(!error, "cannot make the folder '", folder.string(), "': ", error.message());
}

RunFolder RunFolder::make(const fs::path& run) {
  std::error_code error;
  const bool there = fs::exists(fs::symlink_status(run, error));
  if (there) check_free(run);
  make_folder(run);
  RunFolder folder(run, !there, true);
  check_free(run);  // another process may have saved in it before it was locked
  remove_unsaved_run(run);
  return folder;
}

RunFolder RunFolder::open(const fs::path& run) {
  require<FileError>(fs::exists(run), "'", run.string(), "' does not exist; give the folder of the run");
  require<FileError>(fs::is_directory(run), "'", run.string(), "' is no folder; give the folder of the run");
  RunFolder folder(run, false, false);
  for (const fs::path& part : {run, run / "samples", run / "checkpoints"}) remove_stray_files(part);
  return folder;
}

RunFolder::~RunFolder() {
  if (lock_ == nullptr) return;
  if (!came_to_something_) remove_unsaved_run(path_);
  lock_.reset();
  std::error_code error;
  if (!came_to_something_ && made_) fs::remove(path_, error);
}

fs::path picture_folder(const fs::path& checkpoint, const std::string& out) {
  fs::path folder = out;
  if (out.empty()) {
    folder = checkpoint.has_parent_path() ? checkpoint.parent_path() : ".";
    const auto whole = fs::absolute(checkpoint).lexically_normal();
    if (whole.parent_path().filename() == "checkpoints") folder = (folder / "..").lexically_normal();
  }
  make_folder(folder);
  remove_stray_files(folder);
  return folder;
}

}  // namespace glow::app
