// The members of a tar archive by its headers alone, in the forms that are written today: POSIX ustar and
// pax, GNU, and v7 before them. Formats: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended
// Header"; GNU tar's manual, "Basic Tar Format".
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A member of a tar archive. Places are bytes from the archive's start.
struct TarMember {
  std::string name;          ///< its path in the archive, without a leading "./"
  char type = '0';           ///< POSIX's type flag; '0' is a file, '5' a folder, '1' and '2' are links
  std::uint64_t header = 0;  ///< where its first header begins
  std::uint64_t data = 0;    ///< where its contents begin
  std::uint64_t size = 0;    ///< bytes of contents; 0 for links, devices and folders
};

namespace detail {

// Text from a stranger's file, fit for a message: control characters become '?', and what is long is cut.
inline std::string printable(std::string_view text) {
  constexpr std::size_t most = 200;
  std::string shown(text.substr(0, most));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > most ? shown + "..." : shown;
}

}  // namespace detail

/// Goes through an archive from member to member. It reads headers only, 512 bytes a member for most, and so
/// is fast where `read` can jump. Memory is bounded by the longest extended header, at most 1 MiB.
class TarReader {
 public:
  static constexpr std::uint64_t block = 512;

  /// Fills `to` with the archive's bytes from `first` on, which lie within its size.
  using ReadAt = std::function<void(std::uint64_t first, std::span<std::uint8_t> to)>;

  /// An archive of `size` bytes, called `archive` in messages.
  TarReader(std::string archive, std::uint64_t size, ReadAt read)
      : archive_(std::move(archive)), size_(size), read_(std::move(read)) {}

  /// The next member; none at the archive's end. Throws FileError, with the archive, the member and its byte,
  /// for an archive that is cut short or damaged, a header whose checksum is wrong, contents that run past
  /// the archive's end, names with "..", without a character, or of more than 4096 bytes, sparse members, and
  /// parts of members that other volumes hold.
  std::optional<TarMember> next() {
    first_ = at_;
    shown_.clear();
    Extended extended;
    for (;;) {
      const std::optional<Header> header = read_header();
      if (!header) {
        check(first_ == at_, "the archive ends after the member's extended header");
        return std::nullopt;
      }
      const std::uint64_t data = at_ + block;
      if (std::string_view("xXgLK").find(header->type) != std::string_view::npos) {
        extend(extended, *header, data);
        move_beyond(data, header->size);
        continue;
      }
      return member(std::move(extended), *header, data);
    }
  }

 private:
  // A block of the archive as what it says.
  struct Header {
    std::string name;
    char type = 0;
    std::uint64_t size = 0;
  };

  // What headers before a member say of it.
  struct Extended {
    std::optional<std::string> name;
    std::optional<std::uint64_t> size;
    bool sparse = false;
  };

  template <class... Args>
  [[noreturn]] void fail(const Args&... args) const {
    const std::string member = shown_.empty() ? "" : ", member '" + shown_ + "'";
    throw FileError(join("'", archive_, "', byte ", first_, member, ": ", args...));
  }
  template <class... Args>
  void check(bool holds, const Args&... args) const {
    if (!holds) fail(args...);
  }

  // None where the block of zeros stands that ends an archive.
  std::optional<Header> read_header() {
    check(at_ <= size_ && size_ - at_ >= block, "the archive ends at byte ", size_,
          " without the block of zeros that ends a tar file; it is cut short, or no tar file");
    std::uint8_t bytes[block];
    read_(at_, bytes);
    if (std::all_of(bytes, bytes + block, [](std::uint8_t b) { return b == 0; })) return std::nullopt;
    check_sum(bytes);
    const auto text = [&](std::size_t first, std::size_t size) {
      const char* const begin = reinterpret_cast<const char*>(bytes) + first;
      return std::string(begin, std::find(begin, begin + size, '\0'));
    };
    Header h{.name = text(0, 100), .type = static_cast<char>(bytes[156])};
    const bool posix = std::string_view(reinterpret_cast<const char*>(bytes) + 257, 6) ==
                       std::string_view("ustar\0", 6);  // GNU's "ustar  " has times where the prefix is
    if (const std::string prefix = posix ? text(345, 155) : ""; !prefix.empty())
      h.name = prefix + "/" + h.name;
    shown_ = detail::printable(h.name);
    h.size = number(std::span(bytes).subspan(124, 12));
    if (h.type == '\0' || h.type == '7') h.type = '0';
    if (h.type == '0' && h.name.ends_with('/')) h.type = '5';  // as before POSIX
    return h;
  }

  void check_sum(std::span<const std::uint8_t, block> bytes) const {
    // Some old programs added up signed bytes.
    std::int64_t plain = 8 * ' ', with_signs = 8 * ' ';
    for (std::size_t i = 0; i < block; ++i) {
      if (i >= 148 && i < 156) continue;
      plain += bytes[i];
      with_signs += static_cast<std::int8_t>(bytes[i]);
    }
    std::int64_t told = 0;
    bool digits = false;
    for (std::size_t i = 148; i < 156; ++i) {
      if (bytes[i] >= '0' && bytes[i] <= '7') {
        told = told * 8 + (bytes[i] - '0');
        digits = true;
      } else if (digits || bytes[i] != ' ') {
        break;
      }
    }
    if (digits && (told == plain || told == with_signs)) return;
    fail("no header of a tar member: ",
         digits ? join("its checksum is ", plain, ", but ", told, " is written") : "it has no checksum",
         "; the archive is damaged, or no tar file");
  }

  // A field of octal digits, or GNU's form for large numbers: a byte 0x80, then the number's bytes.
  std::uint64_t number(std::span<const std::uint8_t> field) const {
    std::uint64_t value = 0;
    if ((field[0] & 0x80) != 0) {
      check(field[0] == 0x80, "its size is negative or absurd");
      for (const std::uint8_t byte : field.subspan(1)) {
        check(value < std::uint64_t{1} << 55, "its size is absurd, beyond 2^63 bytes");
        value = value << 8 | byte;
      }
      return value;
    }
    const std::string_view text(reinterpret_cast<const char*>(field.data()), field.size());
    const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t last = std::min(text.find_first_of(std::string_view(" \0", 2), first), text.size());
    const std::string_view digits = text.substr(first, last - first);
    if (digits.find_first_not_of("01234567") != std::string_view::npos)
      fail("its size '", detail::printable(digits), "' is not an octal number");
    for (const char c : digits) value = value * 8 + static_cast<std::uint64_t>(c - '0');
    return value;
  }

  void extend(Extended& extended, const Header& header, std::uint64_t data) {
    constexpr std::uint64_t most = std::uint64_t{1} << 20;
    check_within(data, header.size);
    check(header.size <= most, "an extended header of ", header.size, " bytes; at most ", most, " are read");
    if (header.type == 'K') return;  // where a link leads
    std::string text(header.size, '\0');
    if (header.size > 0) read_(data, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (header.type == 'L') {
      extended.name = text.substr(0, text.find('\0'));
      return;
    }
    Extended told;
    for (std::string_view left = text; !left.empty();) read_record(left, told);
    check(header.type != 'g' || (!told.name && !told.size && !told.sparse),
          "a global header that names or sizes all members");
    if (told.name) extended.name = told.name;
    if (told.size) extended.size = told.size;
    extended.sparse = extended.sparse || told.sparse;
  }

  // Takes a pax record "LENGTH KEY=VALUE\n" off the front of `left`, where LENGTH counts all of it.
  void read_record(std::string_view& left, Extended& told) const {
    const std::size_t digits = std::min(left.find_first_not_of("0123456789"), left.size());
    const std::size_t length = static_cast<std::size_t>(decimal(left.substr(0, digits)).value_or(0));
    const bool whole = digits > 0 && length > digits + 2 && length <= left.size() && left[digits] == ' ' &&
                       left[length - 1] == '\n';
    if (!whole) fail("a damaged pax header: '", detail::printable(left.substr(0, 40)), "' is no record");
    const std::string_view record = left.substr(digits + 1, length - digits - 2);
    left.remove_prefix(length);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos)
      fail("a damaged pax header: '", detail::printable(record), "' has no '='");
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key.starts_with("GNU.sparse.")) told.sparse = true;
    if (value.empty()) return;  // takes back what a global header said
    if (key == "path") told.name = std::string(value);
    if (key == "size") {
      told.size = decimal(value);
      if (!told.size)
        fail("a damaged pax header: size '", detail::printable(value), "' is no number of bytes");
    }
  }

  static std::optional<std::uint64_t> decimal(std::string_view text) {
    if (text.empty() || text.size() > 18) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }

  TarMember member(Extended extended, const Header& header, std::uint64_t data) {
    TarMember m{.name = extended.name.value_or(header.name),
                .type = header.type,
                .header = first_,
                .data = data,
                .size = extended.size.value_or(header.size)};
    shown_ = detail::printable(m.name);
    while (m.name.starts_with("./")) m.name.erase(0, 2);
    check(m.type != 'S' && !extended.sparse, "a sparse file, which is not read; write it with its zeros");
    check(m.type != 'M', "the rest of a file that began in another volume, which is not read");
    check_name(m);
    if (m.type >= '1' && m.type <= '6') m.size = 0;  // some programs write the size of what a link leads to
    check_within(data, m.size);
    move_beyond(data, m.size);
    return m;
  }

  void check_name(const TarMember& m) const {
    constexpr std::size_t most = 4096;
    check(m.name.size() <= most, "its name has ", m.name.size(), " bytes; at most ", most, " are taken");
    check(!m.name.empty() || m.type == '5', "it has no name");
    check(m.name.find('\0') == std::string::npos, "its name has a zero byte");
    for (std::size_t from = 0; from <= m.name.size();) {
      const std::size_t slash = std::min(m.name.find('/', from), m.name.size());
      check(std::string_view(m.name).substr(from, slash - from) != "..",
            "its name has '..', which no sample's has");
      from = slash + 1;
    }
  }

  void check_within(std::uint64_t data, std::uint64_t size) const {
    check(size <= size_ - data, "its ", size, " bytes run past the archive's end, which is at byte ", size_,
          "; it is cut short or damaged");
  }

  // To the block after contents that lie within the archive.
  void move_beyond(std::uint64_t data, std::uint64_t size) {
    at_ = data + (size + block - 1) / block * block;
  }

  std::string archive_;
  std::uint64_t size_;
  ReadAt read_;
  std::uint64_t at_ = 0;     // the next header
  std::uint64_t first_ = 0;  // of the member's headers
  std::string shown_;        // the member's name in messages
};

}  // namespace glow
