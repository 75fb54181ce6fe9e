// The samples of one tar shard. Form: WebDataset, https://github.com/webdataset/webdataset, whose shards are
// tar archives in which the members of a sample stand side by side and have one key: their names up to the
// first dot after the last slash.
#pragma once

#include <map>

#include <glow/data/left_out.hpp>
#include <glow/data/tar.hpp>
#include <glow/io/stable_files.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

// A sample of a shard: where its picture lies, and its label.
struct ShardSample {
  std::uint64_t data;  // where the picture begins
  std::uint32_t size;
  std::uint32_t name;  // where its name begins
  std::int32_t label;
};

// What an index keeps of a shard.
struct ShardContents {
  std::vector<ShardSample> samples;
  std::string names;  // one after the other
  std::map<std::string, LeftOut> left_out;
};

// Goes through one shard, once, for its samples; see ShardIndex.
class ShardReader {
 public:
  ShardReader(const StableFiles& files, std::size_t file)
      : files_(files),
        file_(file),
        members_(files.path(file).string(), files.size(file),
                 [this](std::uint64_t first, std::span<std::uint8_t> to) { files_.read(file_, first, to); }) {
  }

  ShardContents contents() {
    refuse_compressed();
    while (const std::optional<TarMember> m = members_.next()) take(*m);
    finish_sample();
    shard_.samples.shrink_to_fit();
    shard_.names.shrink_to_fit();
    return std::move(shard_);
  }

 private:
  // The parts of a sample that were met.
  struct Parts {
    std::string key;
    std::optional<TarMember> picture, label_member;
    Index label = -1;
  };

  void refuse_compressed() const {
    std::uint8_t start[4] = {};
    if (files_.size(file_) >= sizeof start) files_.read(file_, 0, start);
    const bool gzip = start[0] == 0x1f && start[1] == 0x8b;
    const bool zstd = start[0] == 0x28 && start[1] == 0xb5 && start[2] == 0x2f && start[3] == 0xfd;
    require<FileError>(!gzip && !zstd, "'", files_.path(file_).string(),
                       "' is compressed; unpack it to .tar first");
  }

  void take(const TarMember& m) {
    if (m.type == '5') return;
    if (m.type != '0') return leave_out(kind(m.type), m);
    const std::size_t base = m.name.rfind('/') + 1;  // 0 where there is none
    const std::size_t dot = m.name.find('.', base);
    if (dot == base) return leave_out("hidden", m);
    const std::string key = m.name.substr(0, dot);
    if (key != sample_.key) {
      finish_sample();
      sample_.key = key;
    }
    std::string ending = dot == std::string::npos ? "" : m.name.substr(dot + 1);
    for (char& c : ending) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (ending == "jpg" || ending == "jpeg" || ending == "png") {
      refuse_second(sample_.picture, m, "pictures");
      require<FileError>(m.size < std::uint64_t{1} << 32, where(m), "its ", m.size,
                         " bytes are absurd for a picture; less than 4 GiB are taken");
      sample_.picture = m;
    } else if (ending == "cls") {
      refuse_second(sample_.label_member, m, "labels");
      sample_.label_member = m;
      sample_.label = read_label(m);
    } else {
      leave_out(ending.empty() ? "without an extension" : "*." + printable(ending), m);
    }
  }

  void refuse_second(const std::optional<TarMember>& first, const TarMember& m, const char* what) const {
    if (first)
      throw FileError(join(where(m), "its sample '", printable(sample_.key), "' has two ", what,
                           ", this and '", printable(first->name), "' at byte ", first->header));
  }

  void finish_sample() {
    if (sample_.picture) {
      const TarMember& m = *sample_.picture;
      require<FileError>(shard_.names.size() + m.name.size() < std::uint64_t{1} << 32, where(m),
                         "the names of the shard's samples have more than 4 GiB");
      shard_.samples.push_back({m.data, static_cast<std::uint32_t>(m.size),
                                static_cast<std::uint32_t>(shard_.names.size()),
                                static_cast<std::int32_t>(sample_.label)});
      shard_.names += m.name;
      if (sample_.label_member && sample_.label < 0)
        leave_out("*.cls that hold no class number", *sample_.label_member);
    } else if (sample_.label_member) {
      leave_out("*.cls without a picture beside them", *sample_.label_member);
    }
    sample_ = {};
  }

  // The number in a member; -1 if there is none.
  Index read_label(const TarMember& m) const {
    std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(m.size, 32)), '\0');
    files_.read(file_, m.data, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    constexpr const char* spaces = " \t\r\n";
    const std::size_t first = std::min(text.find_first_not_of(spaces), text.size());
    const std::string digits = text.substr(first, text.find_last_not_of(spaces) + 1 - first);
    const bool number = m.size == text.size() && !digits.empty() && digits.size() <= 9 &&
                        digits.find_first_not_of("0123456789") == std::string::npos;
    return number ? std::stol(digits) : -1;
  }

  static std::string kind(char type) {
    if (type == '1') return "hard links";
    if (type == '2') return "symbolic links";
    if (type == '3' || type == '4') return "devices";
    if (type == '6') return "pipes";
    return "members of type '" + printable(std::string_view(&type, 1)) + "'";
  }

  void leave_out(const std::string& reason, const TarMember& m) {
    shard_.left_out[reason].add(files_.path(file_).filename().string() + ": " + printable(m.name));
  }

  std::string where(const TarMember& m) const {
    return join("'", files_.path(file_).string(), "', byte ", m.header, ", member '", printable(m.name),
                "': ");
  }

  const StableFiles& files_;
  std::size_t file_;
  TarReader members_;
  Parts sample_;
  ShardContents shard_;
};

}  // namespace glow::detail
