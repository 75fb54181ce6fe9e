#include <glow/data/tar.hpp>

#include "data/tar_files.hpp"
#include "places.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

std::vector<TarMember> tar_members(const std::string& archive) {
  TarReader reader("a.tar", archive.size(), [&](std::uint64_t first, std::span<std::uint8_t> to) {
    REQUIRE(first + to.size() <= archive.size());
    std::copy_n(archive.begin() + static_cast<std::ptrdiff_t>(first), to.size(), to.begin());
  });
  std::vector<TarMember> members;
  while (const auto m = reader.next()) members.push_back(*m);
  return members;
}

std::string contents_of(const std::string& archive, const TarMember& m) {
  return archive.substr(static_cast<std::size_t>(m.data), static_cast<std::size_t>(m.size));
}

std::string refusal_of(const std::string& archive) {
  return message_of<FileError>([&] { tar_members(archive); });
}

}  // namespace

TEST_CASE("tar: members of ustar are found by their headers") {
  const std::string far = with_field(tar_header("b.jpg", 3), 345, "some/folder");
  const std::string archive = tar_member("./a.cls", "7") + far + in_blocks("abc") +
                              tar_member("dir/", "", '5') + tar_member("empty", "") +
                              tar_member(std::string(100, 'n'), std::string(512, 'x')) + tar_end;
  const auto members = tar_members(archive);
  REQUIRE(members.size() == 5);
  CHECK(members[0].name == "a.cls");
  CHECK(members[0].header == 0);
  CHECK(members[0].data == 512);
  CHECK(contents_of(archive, members[0]) == "7");
  CHECK(members[1].name == "some/folder/b.jpg");
  CHECK(members[1].header == 1024);
  CHECK(contents_of(archive, members[1]) == "abc");
  CHECK(members[2].type == '5');
  CHECK(members[3].size == 0);
  CHECK(members[4].name == std::string(100, 'n'));
  CHECK(contents_of(archive, members[4]) == std::string(512, 'x'));
}

TEST_CASE("tar: the older forms and what programs write are read") {
  // v7, which has no magic and no type; its folders end with a slash.
  std::string v7 = tar_header("a.png", 1, '\0'), folder = tar_header("dir/", 0, '\0');
  v7 = with_field(v7.replace(257, 8, 8, '\0'), 0, "a");
  folder = with_field(folder.replace(257, 8, 8, '\0'), 0, "d");
  // A size with spaces before it, and one after it.
  const std::string spaces = with_field(tar_header("b", 0), 124, "        12 \0");
  // A checksum of signed bytes.
  std::string sums = tar_header("\xff\xfe", 0);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<signed char>(sums[i]);
  sums.replace(148, 8, octal(static_cast<std::uint64_t>(sum), 7) + ' ');
  const auto members =
      tar_members(v7 + in_blocks("x") + folder + spaces + in_blocks("0123456789") + sums + tar_end);
  REQUIRE(members.size() == 4);
  CHECK(members[0].type == '0');
  CHECK(members[0].size == 1);
  CHECK(members[1].type == '5');
  CHECK(members[2].size == 10);
  CHECK(members[3].name == "\xff\xfe");
}

TEST_CASE("tar: long names and large sizes come from pax and from GNU headers") {
  const std::string name = std::string(200, 'd') + "/" + std::string(150, 'f') + ".jpg";
  const std::string with_zero = name + '\0';
  std::string large = tar_header("c", 0);
  large = with_field(large, 124, std::string("\x80\0\0\0\0\0\0\0\0\0\x02\x01", 12));  // 513
  const std::string contents(513, 'z');
  const std::string archive =
      pax_header("path", name) + tar_member("short", "1") + tar_member("././@LongLink", with_zero, 'L') +
      tar_member("short", "22") + pax_header("comment", "x", 'g') + pax_header("size", "513") +
      tar_header("b", 0) + in_blocks(contents) + large + in_blocks(contents) +
      tar_member("././@LongLink", with_zero, 'K') + tar_member("link", "", '2') + tar_end;
  const auto members = tar_members(archive);
  REQUIRE(members.size() == 5);
  CHECK(members[0].name == name);
  CHECK(members[0].header == 0);
  CHECK(contents_of(archive, members[0]) == "1");
  CHECK(members[1].name == name);
  CHECK(contents_of(archive, members[1]) == "22");
  CHECK(members[2].name == "b");
  CHECK(contents_of(archive, members[2]) == contents);
  CHECK(contents_of(archive, members[3]) == contents);
  CHECK(members[4].name == "link");
  CHECK(members[4].type == '2');
}

TEST_CASE("tar: links and devices have no contents, whatever their headers say") {
  for (const char type : {'1', '2', '3', '4', '6'}) {
    const auto members = tar_members(tar_header("odd", 1 << 20, type) + tar_member("a", "1") + tar_end);
    REQUIRE(members.size() == 2);
    CHECK(members[0].type == type);
    CHECK(members[0].size == 0);
    CHECK(members[1].name == "a");
  }
}

TEST_CASE("tar: what ends an archive ends it, and what follows is not looked at") {
  CHECK(tar_members(tar_end).empty());
  CHECK(tar_members(tar_member("a", "1") + std::string(512, '\0')).size() == 1);
  CHECK(tar_members(tar_member("a", "1") + tar_end + "rubbish").size() == 1);
}

TEST_CASE("tar: a damaged or hostile archive is refused with the member and its byte") {
  const std::string good = tar_member("a.jpg", "0123456789");
  const auto changed = [&](std::size_t at, char c) {
    std::string archive = good + good + tar_end;
    archive[at] = c;
    return archive;
  };
  const auto field = [&](std::size_t at, const std::string& text) {
    return good + with_field(tar_header("b.jpg", 10), at, text) + in_blocks("0123456789") + tar_end;
  };
  const std::string b = "'a.tar', byte 1024, member 'b.jpg': ";
  const std::pair<std::string, std::string> refused[] = {
      {"", "'a.tar', byte 0: the archive ends at byte 0 without the block of zeros"},
      {std::string(100, 'x'), "'a.tar', byte 0: the archive ends at byte 100 without the block of zeros"},
      {std::string(2000, 'x'), "'a.tar', byte 0: no header of a tar member: it has no checksum"},
      {good, "'a.tar', byte 1024: the archive ends at byte 1024 without the block of zeros"},
      {good + good.substr(0, 300), "'a.tar', byte 1024: the archive ends at byte 1324 without"},
      {good + tar_member("b.jpg", "0123456789").substr(0, 515),
       b + "its 10 bytes run past the archive's end, which is at byte 1539"},
      {changed(1024, 'b'), "'a.tar', byte 1024: no header of a tar member: its checksum is "},
      {field(124, octal(1 << 20, 12)), b + "its 1048576 bytes run past the archive's end"},
      {field(124, "77777777777"), b + "its 8589934591 bytes run past the archive's end"},
      {field(124, std::string("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12)),
       b + "its 9223372036854775807 bytes run past the archive's end"},
      {field(124, std::string("\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12)), b + "its size is absurd"},
      {field(124, std::string(12, '\xff')), b + "its size is negative or absurd"},
      {field(124, "12x"), b + "its size '12x00000012' is not an octal number"},
      {field(156, "S"), b + "a sparse file, which is not read"},
      {field(156, "M"), b + "the rest of a file that began in another volume"},
      {pax_header("GNU.sparse.major", "1") + good + tar_end,
       "'a.tar', byte 0, member 'a.jpg': a sparse file"},
      {field(0, std::string(5, '\0')), "'a.tar', byte 1024: it has no name"},
      {field(0, "../..") + tar_end, "'a.tar', byte 1024, member '../..': its name has '..'"},
      {tar_member("a/../b", "") + tar_end, "'a.tar', byte 0, member 'a/../b': its name has '..'"},
      {pax_header("path", std::string(5000, 'n')) + good + tar_end, "its name has 5000 bytes; at most 4096"},
      {pax_header("path", std::string("a\0b", 3)) + good + tar_end, "member 'a?b': its name has a zero byte"},
      {pax_header("size", "1e3") + good + tar_end, "a damaged pax header: size '1e3' is no number of bytes"},
      {pax_header("size", "9999999999999999999") + good + tar_end, "is no number of bytes"},
      {pax_header("path", "every", 'g') + good + tar_end, "a global header that names or sizes all members"},
      {tar_member("x", "12 path=a.jpg", 'x') + good + tar_end,
       "a damaged pax header: '12 path=a.jpg' is no record"},
      {tar_member("x", "99 path=a.jpg\n", 'x') + good + tar_end, "is no record"},
      {tar_member("x", "0 a=b\n", 'x') + good + tar_end, "is no record"},
      {tar_member("x", "8 abcde\n", 'x') + good + tar_end, "a damaged pax header: 'abcde' has no '='"},
      {tar_member("x", std::string((1 << 20) + 1, 'x'), 'x') + good + tar_end,
       "an extended header of 1048577 bytes; at most 1048576 are read"},
      {tar_header("x", 1 << 20, 'L') + tar_end, "its 1048576 bytes run past the archive's end"},
      {pax_header("path", "a.jpg") + tar_end, "the archive ends after the member's extended header"},
      {tar_member("\x1b[31m/..", "") + tar_end, "member '?[31m/..'"},
  };
  for (const auto& [archive, why] : refused) {
    const std::string said = refusal_of(archive);
    INFO(why << "\n" << said);
    CHECK(contains(said, why));
  }
  // Any byte of a header that changes is noticed; the checksum's own last ones need not be read.
  for (std::size_t at = 1024; at < 1024 + 512; ++at) {
    if (at == 1024 + 154 || at == 1024 + 155) continue;
    INFO("byte " << at);
    CHECK(contains(refusal_of(changed(at, '#')), "'a.tar', byte 1024"));
  }
}

TEST_CASE("tar: archives of Python's tarfile are read in each of its forms") {
  if (std::string(python).empty()) return;
  const TemporaryFolder folder;
  const std::string script =
      "import io, sys, tarfile\n"
      "for name, form in ('ustar', tarfile.USTAR_FORMAT), ('gnu', tarfile.GNU_FORMAT), ('pax', "
      "tarfile.PAX_FORMAT):\n"
      "  with tarfile.open(sys.argv[1] + '/' + name + '.tar', 'w', format=form) as tar:\n"
      "    for i, path in enumerate(['a.jpg', 'd' * 90 + '/' + 'e' * 90 + '.jpg'] + ['\\u00e4' * 70 + "
      "'.png'] * (name != 'ustar')):\n"
      "      data = bytes([i + 1]) * (500 * i + 1)\n"
      "      info = tarfile.TarInfo(path)\n"
      "      info.size, info.mtime = len(data), 0.5 if name == 'pax' else 1\n"
      "      tar.addfile(info, io.BytesIO(data))\n";
  write_file_atomically(folder / "make.py", script);
  REQUIRE(std::system((std::string(python) + " '" + (folder / "make.py").string() + "' '" +
                       folder.path().string() + "'")
                          .c_str()) == 0);
  std::string umlauts;
  for (int i = 0; i < 70; ++i) umlauts += "\xc3\xa4";
  const std::string names[] = {"a.jpg", std::string(90, 'd') + "/" + std::string(90, 'e') + ".jpg",
                               umlauts + ".png"};
  for (const std::string form : {"ustar", "gnu", "pax"}) {
    INFO(form);
    const auto bytes = read_file(folder / (form + ".tar"));
    const std::string archive(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto members = tar_members(archive);
    REQUIRE(members.size() == (form == "ustar" ? 2 : 3));
    for (std::size_t i = 0; i < members.size(); ++i) {
      CHECK(members[i].name == names[i]);
      CHECK(contents_of(archive, members[i]) == std::string(500 * i + 1, static_cast<char>(i + 1)));
    }
  }
}
