// Where the samples of tar shards lie.
#pragma once

#include <exception>
#include <map>

#include <glow/core/parallel.hpp>
#include <glow/data/shard_reader.hpp>
#include <glow/io/stable_files.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

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
        shards_[k] = detail::ShardReader(files_, k).contents();
      } catch (...) {
        errors[k] = std::current_exception();
      }
    });
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);  // the first shard's, whichever thread came first
    }
    for (detail::ShardContents& shard : shards_) {
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
    const detail::ShardContents& s = shards_[p.shard];
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
    const detail::ShardSample& s = shards_[p.shard].samples[p.sample];
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
  struct Place {
    std::size_t shard, sample;
  };

  Place place(Index i) const {
    const auto shard = std::upper_bound(first_.begin(), first_.end(), i) - first_.begin() - 1;
    return {static_cast<std::size_t>(shard),
            static_cast<std::size_t>(i - first_[static_cast<std::size_t>(shard)])};
  }
  const detail::ShardSample& sample(Index i) const {
    const Place p = place(i);
    return shards_[p.shard].samples[p.sample];
  }

  StableFiles files_;
  std::vector<detail::ShardContents> shards_;
  std::vector<Index> first_;
  Index size_ = 0;
  std::map<std::string, LeftOut> left_out_;
};

}  // namespace glow
