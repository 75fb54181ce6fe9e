#include "foreign/zip.hpp"

#include "foreign/bytes.hpp"

namespace glow::foreign {

namespace {

constexpr std::uint32_t local_header = 0x04034b50, central_header = 0x02014b50, end_record = 0x06054b50,
                        end_record_64 = 0x06064b50, end_locator_64 = 0x07064b50;
constexpr std::size_t end_size = 22, locator_size = 20;
constexpr std::uint32_t in_extra_32 = 0xFFFFFFFF;  // the number is in the zip64 extra field
constexpr std::uint16_t in_extra_16 = 0xFFFF, extra_of_zip64 = 1;

// Where the list of entries is.
struct Directory {
  std::uint64_t entries, size, begin;
};

// The end record lies before a comment of at most 65535 bytes.
std::size_t place_of_end(std::span<const std::byte> bytes, const std::string& file) {
  for (std::size_t back = end_size; back <= std::min(bytes.size(), end_size + in_extra_16); ++back) {
    Bytes end(bytes, file, "end of the zip");
    end.go_to(bytes.size() - back);
    if (end.read<std::uint32_t>() != end_record) continue;
    end.go_to(bytes.size() - 2 - (back - end_size));
    if (end.read<std::uint16_t>() == back - end_size) return bytes.size() - back;
  }
  throw FileError(join("'", file, "': a zip without its end: the file is cut short"));
}

Directory directory_of(std::span<const std::byte> bytes, const std::string& file) {
  Bytes end(bytes, file, "end of the zip");
  const std::size_t at = place_of_end(bytes, file);
  end.go_to(at + 4);
  const auto disk = end.read<std::uint16_t>(), first_disk = end.read<std::uint16_t>();
  const auto here = end.read<std::uint16_t>(), entries = end.read<std::uint16_t>();
  const auto size = end.read<std::uint32_t>(), begin = end.read<std::uint32_t>();
  if (at >= locator_size) {
    end.go_to(at - locator_size);
    if (end.read<std::uint32_t>() == end_locator_64) {
      end.read<std::uint32_t>();
      const auto record = end.read<std::uint64_t>();
      end.check(record < at, "its record of a large zip is said to be at byte ", record);
      end.go_to(static_cast<std::size_t>(record));
      end.check(end.read<std::uint32_t>() == end_record_64, "there is no record of a large zip here");
      end.take(8 + 2 + 2);  // its size, versions
      const auto disk_64 = end.read<std::uint32_t>(), first_disk_64 = end.read<std::uint32_t>();
      const auto here_64 = end.read<std::uint64_t>(), entries_64 = end.read<std::uint64_t>();
      end.check(disk_64 == 0 && first_disk_64 == 0 && here_64 == entries_64,
                "a zip in several parts is not read");
      const auto size_64 = end.read<std::uint64_t>(), begin_64 = end.read<std::uint64_t>();
      return {entries_64, size_64, begin_64};
    }
  }
  end.check(disk == 0 && first_disk == 0 && here == entries, "a zip in several parts is not read");
  return {entries, size, begin};
}

// What the directory says of an entry.
struct Entry {
  std::string name;
  std::uint64_t size, packed, begin;
};

// The numbers that did not fit into an entry's 32 bits.
void read_extra(Bytes& in, std::size_t length, Entry& entry) {
  const std::size_t last = in.at() + length;
  while (in.at() + 4 <= last) {
    const auto id = in.read<std::uint16_t>(), size = in.read<std::uint16_t>();
    const std::size_t next = in.at() + size;
    in.check(next <= last, "an extra field of '", entry.name, "' is longer than all of them");
    if (id == extra_of_zip64) {
      for (std::uint64_t* number : {&entry.size, &entry.packed, &entry.begin}) {
        if (*number != in_extra_32) continue;
        in.check(in.at() + 8 <= next, "the extra field of '", entry.name, "' lacks a number");
        *number = in.read<std::uint64_t>();
      }
    }
    in.go_to(next);
  }
  in.go_to(last);
}

Entry read_entry(Bytes& in) {
  in.check(in.read<std::uint32_t>() == central_header, "there is no entry here");
  in.take(2 + 2);  // versions
  const auto flags = in.read<std::uint16_t>(), method = in.read<std::uint16_t>();
  in.take(2 + 2 + 4);  // time, date, checksum
  const auto packed = in.read<std::uint32_t>(), size = in.read<std::uint32_t>();
  const auto name = in.read<std::uint16_t>(), extra = in.read<std::uint16_t>(),
             comment = in.read<std::uint16_t>();
  in.take(2 + 2 + 4);  // disk, attributes
  const auto begin = in.read<std::uint32_t>();
  Entry entry{in.text(name), size, packed, begin};
  read_extra(in, extra, entry);
  in.take(comment);
  in.check(method == 0, "'", entry.name, "' is compressed, by method ", method,
           "; PyTorch stores entries as they are");
  in.check((flags & 1) == 0, "'", entry.name, "' is encrypted");
  in.check(entry.size == entry.packed, "'", entry.name, "' has ", entry.packed, " bytes in place of ",
           entry.size);
  return entry;
}

}  // namespace

std::map<std::string, std::span<const std::byte>> read_zip(std::span<const std::byte> bytes,
                                                           const std::string& file) {
  const Directory directory = directory_of(bytes, file);
  Bytes in(bytes, file, "directory of the zip");
  in.check(directory.begin <= bytes.size() && directory.size <= bytes.size() - directory.begin,
           "it is said to have ", directory.size, " bytes from ", directory.begin, ", but the file has ",
           bytes.size());
  in.go_to(static_cast<std::size_t>(directory.begin));
  std::map<std::string, std::span<const std::byte>> entries;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const std::size_t place = in.at();
    const Entry entry = read_entry(in);
    Bytes local(bytes, file, "zip");
    in.check_at(place, entry.begin < bytes.size(), "'", entry.name, "' is said to be at byte ", entry.begin,
                " of ", bytes.size());
    local.go_to(static_cast<std::size_t>(entry.begin));
    local.check(local.left() >= 30 && local.read<std::uint32_t>() == local_header, "'", entry.name,
                "' is not here");
    local.take(22);  // what the directory says, too
    const auto name = local.read<std::uint16_t>(), extra = local.read<std::uint16_t>();
    local.check(local.text(name) == entry.name, "'", entry.name, "' has another name here");
    local.take(extra);
    in.check_at(place, entries.emplace(entry.name, local.take(entry.size)).second, "'", entry.name,
                "' is there twice");
  }
  return entries;
}

}  // namespace glow::foreign
