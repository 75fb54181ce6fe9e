#include "foreign/zip_writer.hpp"

#include "foreign/crc32.hpp"

namespace glow::foreign {

namespace {

constexpr std::uint32_t entry_mark = 0x04034B50, directory_mark = 0x02014B50, end_mark = 0x06054B50;
constexpr std::uint16_t needed_version = 20;                 // 2.0, with folders
constexpr std::uint16_t utf8_names = 1U << 11;               // a flag
constexpr std::uint16_t no_packing = 0;                      // a method
constexpr std::uint16_t time_of_day = 0, date = 1 << 5 | 1;  // midnight of 1 January 1980, the first there is
constexpr std::uint64_t most_bytes = 0xFFFFFFFE;
constexpr std::uint32_t most_entries = 0xFFFE;
constexpr std::uint64_t unit = 64;
constexpr std::uint64_t local_size = 30, extra_header = 4;

// Bytes that bring what follows them to a multiple of `unit`, as an extra field "FB", which readers skip.
std::string padding(std::uint64_t at) {
  const std::uint64_t size = (unit - (at + extra_header) % unit) % unit;
  std::string field = "FB";
  append_little_endian(field, static_cast<std::uint16_t>(size));
  return field + std::string(size, '\0');
}

// What the header of an entry and the directory say of it alike, from the version on.
std::string about(std::uint32_t crc, std::uint32_t size, std::size_t name, std::size_t extra) {
  std::string text;
  for (const std::uint16_t n : {needed_version, utf8_names, no_packing, time_of_day, date})
    append_little_endian(text, n);
  for (const std::uint32_t n : {crc, size, size}) append_little_endian(text, n);
  for (const std::size_t n : {name, extra}) append_little_endian(text, static_cast<std::uint16_t>(n));
  return text;
}

}  // namespace

void ZipWriter::add(const std::string& name, std::string content) {
  Parts parts;
  parts.own(std::move(content));
  add(name, std::move(parts));
}

void ZipWriter::add(const std::string& name, Parts content) {
  const std::uint64_t at = file_.size(), size = content.size();
  require<FileError>(
      at + size + directory_.size() + unit * 4 + name.size() * 2 < most_bytes && entries_ < most_entries &&
          name.size() < most_entries,
      "zip: with '", name, "' of ", size,
      " bytes the file would have 4 GiB or more, or 65535 entries, which this zip has no room for");
  Crc32 crc;
  for (const glow::Bytes& part : content.all()) crc.add(part);
  const std::string extra = padding(at + local_size + name.size());
  std::string head;
  append_little_endian(head, entry_mark);
  const auto length = static_cast<std::uint32_t>(size);
  head += about(crc.value(), length, name.size(), extra.size()) + name + extra;
  file_.own(std::move(head));
  contents_.push_back(std::move(content));
  file_.borrow(contents_.back());

  append_little_endian(directory_, directory_mark);
  append_little_endian(directory_, needed_version);
  directory_ += about(crc.value(), length, name.size(), 0);
  directory_.append(10, '\0');  // no comment, the first disk, no attributes
  append_little_endian(directory_, static_cast<std::uint32_t>(at));
  directory_ += name;
  ++entries_;
}

void ZipWriter::save(const std::filesystem::path& path) {
  Parts whole;
  whole.borrow(file_);
  std::string end;
  append_little_endian(end, end_mark);
  append_little_endian(end, std::uint32_t{0});  // disks
  for (int i = 0; i < 2; ++i) append_little_endian(end, static_cast<std::uint16_t>(entries_));
  append_little_endian(end, static_cast<std::uint32_t>(directory_.size()));
  append_little_endian(end, static_cast<std::uint32_t>(file_.size()));
  append_little_endian(end, std::uint16_t{0});  // comment
  whole.borrow(bytes_of(directory_));
  whole.borrow(bytes_of(end));
  write_file_atomically(path, whole.all());
}

}  // namespace glow::foreign
