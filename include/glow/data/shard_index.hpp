// Where the samples of tar shards lie. Form: WebDataset, https://github.com/webdataset/webdataset, whose
// shards are tar archives in which the members of a sample stand side by side and have one key: their names
// up to the first dot.
#pragma once

#include <exception>
#include <map>

#include <glow/core/parallel.hpp>
#include <glow/data/archive_files.hpp>
#include <glow/data/dataset.hpp>
#include <glow/data/tar.hpp>

namespace glow {

/// Things of one kind that are not taken.
struct LeftOut {
  Index count = 0;
  std::string first;  ///< the name of one of them

  void add(const std::string& name) {
    if (count++ == 0) first = name;
  }
};

/// The samples of shards, in the order of the shards and then of their members. A sample is a picture
/// (KEY.jpg, KEY.jpeg or KEY.png, in any case), and may have a label (KEY.cls: a whole number from 0, as
/// text). In memory a sample takes 24 bytes and its picture's name. Const members may be called by several
/// threads.
class ShardIndex {
 public:
  /// Reads the headers of all members, some shards at a time on the library's threads, and the labels. Throws
  /// FileError for shards that cannot be read, what TarReader refuses, a sample with two pictures or two
  /// labels, and a picture of 4 GiB or more.
  explicit ShardIndex(std::vector<std::filesystem::path> paths)
      : files_(std::move(paths)), shards_(files_.count()) {
    const Index count = static_cast<Index>(files_.count());
    std::vector<std::exception_ptr> errors(files_.count());
    parallel_for(count, [&](Index s) {
      const auto k = static_cast<std::size_t>(s);
      try {
        shards_[k] = Reading(files_, k).result();
      } catch (...) {
        errors[k] = std::current_exception();
      }
    });
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);  // the first shard's, whichever thread came first
    }
    for (Shard& shard : shards_) {
      first_.push_back(size_);
      size_ += static_cast<Index>(shard.samples.size());
      for (const auto& [reason, l] : shard.left_out) {
        LeftOut& all = left_out_[reason];
        if (all.count == 0) all.first = l.first;
        all.count += l.count;
      }
      shard.left_out.clear();
    }
  }

  Index size() const { return size_; }
  /// The first sample of each shard; that of a shard without samples is the next one's.
  std::span<const Index> first_of_shards() const { return first_; }
  const std::filesystem::path& shard(Index i) const { return files_.path(place(i).shard); }
  /// The name of sample i's picture in its shard.
  std::string name(Index i) const {
    const Place p = place(i);
    const Shard& s = shards_[p.shard];
    const std::size_t first = s.samples[p.sample].name;
    const std::size_t last = p.sample + 1 < s.samples.size() ? s.samples[p.sample + 1].name : s.names.size();
    return s.names.substr(first, last - first);
  }
  /// Sample i's label; -1 if it has none.
  Index label(Index i) const { return sample(i).label; }
  /// Where in its shard sample i's picture begins, and its bytes.
  std::uint64_t first_byte(Index i) const { return sample(i).data; }
  std::uint64_t bytes(Index i) const { return sample(i).size; }

  /// Sample i's picture file. Throws FileError, with the shard, the name and the byte, if it cannot be read,
  /// as where the shard has been removed or changed since.
  std::vector<std::uint8_t> read(Index i) const {
    const Place p = place(i);
    const Sample& s = shards_[p.shard].samples[p.sample];
    std::vector<std::uint8_t> file(s.size);
    try {
      files_.read(p.shard, s.data, file);
    } catch (const FileError& e) {
      throw FileError(
          join(e.what(), "; the picture '", detail::printable(name(i)), "' was at byte ", s.data));
    }
    return file;
  }

  /// Lets the system read these samples ahead. Says nothing of what cannot be read: read() does.
  void will_need(std::span<const Index> samples) const {
    std::vector<Index> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size();) {
      // Neighbours, with what lies between them.
      const Place p = place(sorted[i]);
      const std::uint64_t first = sample(sorted[i]).data;
      std::uint64_t last = first + sample(sorted[i]).size;
      while (++i < sorted.size() && sorted[i] == sorted[i - 1] + 1 && place(sorted[i]).shard == p.shard)
        last = sample(sorted[i]).data + sample(sorted[i]).size;
      try {
        files_.will_need(p.shard, first, last - first);
      } catch (const FileError&) {
        return;
      }
    }
  }

  /// Members of shards that are no part of a sample, by their reasons.
  const std::map<std::string, LeftOut>& left_out() const { return left_out_; }

 private:
  struct Sample {
    std::uint64_t data;
    std::uint32_t size;
    std::uint32_t name;  // where its name begins
    std::int32_t label;
  };
  struct Shard {
    std::vector<Sample> samples;
    std::string names;  // one after the other
    std::map<std::string, LeftOut> left_out;
  };
  struct Place {
    std::size_t shard, sample;
  };

  // Going through one shard.
  class Reading {
   public:
    Reading(const ArchiveFiles& files, std::size_t file)
        : files_(files),
          file_(file),
          members_(
              files.path(file).string(), files.size(file),
              [this](std::uint64_t first, std::span<std::uint8_t> to) { files_.read(file_, first, to); }) {}

    Shard result() {
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
        leave_out(ending.empty() ? "without an extension" : "*." + detail::printable(ending), m);
      }
    }

    void refuse_second(const std::optional<TarMember>& first, const TarMember& m, const char* what) const {
      if (first)
        throw FileError(join(where(m), "its sample '", detail::printable(sample_.key), "' has two ", what,
                             ", this and '", detail::printable(first->name), "' at byte ", first->header));
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
      return "members of type '" + detail::printable(std::string_view(&type, 1)) + "'";
    }

    void leave_out(const std::string& reason, const TarMember& m) {
      shard_.left_out[reason].add(files_.path(file_).filename().string() + ": " + detail::printable(m.name));
    }

    std::string where(const TarMember& m) const {
      return join("'", files_.path(file_).string(), "', byte ", m.header, ", member '",
                  detail::printable(m.name), "': ");
    }

    const ArchiveFiles& files_;
    std::size_t file_;
    TarReader members_;
    Parts sample_;
    Shard shard_;
  };

  Place place(Index i) const {
    const auto shard = std::upper_bound(first_.begin(), first_.end(), i) - first_.begin() - 1;
    return {static_cast<std::size_t>(shard),
            static_cast<std::size_t>(i - first_[static_cast<std::size_t>(shard)])};
  }
  const Sample& sample(Index i) const {
    const Place p = place(i);
    return shards_[p.shard].samples[p.sample];
  }

  ArchiveFiles files_;
  std::vector<Shard> shards_;
  std::vector<Index> first_;
  Index size_ = 0;
  std::map<std::string, LeftOut> left_out_;
};

}  // namespace glow
