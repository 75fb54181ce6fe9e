#include "data/picture_files.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include <sys/stat.h>

#include <glow/core/error.hpp>

#include "data/left_out.hpp"

namespace glow::app {

namespace {

namespace fs = std::filesystem;

std::string extension_of(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

class Search {
 public:
  explicit Search(const fs::path& folder) : top_(folder) {
    list_tree(folder);
    // Links come last, so that a folder is known by its own name where it has one below `folder`.
    while (!linked_folders_.empty()) list_tree(linked_folders_.extract(linked_folders_.begin()).value());
    std::sort(files_.begin(), files_.end());
  }

  PictureFiles found() const { return {files_, left_out_text(left_out_)}; }

 private:
  void list_tree(const fs::path& top) {
    folders_.push_back(top);
    while (!folders_.empty()) {
      const fs::path folder = std::move(folders_.back());
      folders_.pop_back();
      if (is_new(folder)) {
        list(folder);
      } else {
        leave_out("links to folders read already", folder);
      }
    }
  }

  bool is_new(const fs::path& folder) {
    struct stat s {};
    if (::stat(folder.c_str(), &s) != 0) fail(folder, std::error_code(errno, std::generic_category()));
    return seen_.emplace(s.st_dev, s.st_ino).second;
  }

  void list(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      take(*entry);
    }
    if (error) fail(folder, error);
  }

  void take(const fs::directory_entry& entry) {
    const fs::path& path = entry.path();
    std::error_code error;
    if (path.filename().native().starts_with('.')) {
      leave_out("hidden", path);
    } else if (entry.is_directory(error)) {
      if (entry.is_symlink(error)) {
        linked_folders_.insert(path);
      } else {
        folders_.push_back(path);
      }
    } else if (!entry.exists(error)) {
      leave_out("broken links", path);
    } else if (!entry.is_regular_file(error)) {
      leave_out("neither files nor folders", path);
    } else if (const std::string e = extension_of(path); e == ".jpg" || e == ".jpeg" || e == ".png") {
      files_.push_back(path);
    } else {
      leave_out(e.empty() ? "without an extension" : "*" + e, path);
    }
  }

  // Each reason's first one by its path.
  void leave_out(const std::string& reason, const fs::path& path) {
    LeftOut& l = left_out_[reason];
    const fs::path inside = path.lexically_relative(top_);
    if (l.count++ == 0 || inside < l.first) l.first = inside.string();
  }

  [[noreturn]] static void fail(const fs::path& folder, const std::error_code& error) {
    throw FileError(join("cannot list the folder '", folder.string(), "': ", error.message()));
  }

  fs::path top_;
  std::vector<fs::path> folders_;      // to be listed
  std::set<fs::path> linked_folders_;  // to be listed after them
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::vector<fs::path> files_;
  std::map<std::string, LeftOut> left_out_;  // by reason
};

}  // namespace

PictureFiles find_picture_files(const fs::path& folder) { return Search(folder).found(); }

}  // namespace glow::app
