#include <glow/data/csv.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::vector<float> numbers_of(const Table& t) { return {t.rows.begin(), t.rows.end()}; }

std::string csv_refusal(const std::string& text) {
  return message_of<FileError>([&] { read_csv(text, "t.csv"); });
}

}  // namespace

TEST_CASE("csv: rows of numbers, with and without names of columns") {
  const Table plain = read_csv("1,2.5,-3e2\n4,+5,.5\n", "t.csv");
  CHECK(plain.rows.shape() == Shape{2, 3});
  CHECK(numbers_of(plain) == std::vector<float>{1, 2.5f, -300, 4, 5, 0.5f});
  CHECK(plain.columns.empty());
  const Table named =
      read_csv("\xEF\xBB\xBFheight,\"width, in \"\"m\"\"\"\r\n1, 2 \r\n\r\n\"3\" ,4", "t.csv");
  CHECK(named.columns == std::vector<std::string>{"height", "width, in \"m\""});
  CHECK(numbers_of(named) == std::vector<float>{1, 2, 3, 4});
  CHECK(read_csv("x\n7\n", "t.csv").rows.shape() == Shape{1, 1});
}

TEST_CASE("csv: what is no table of finite numbers is refused by line and column") {
  CHECK(csv_refusal("1,2\n3\n") == "'t.csv', line 2: 1 fields; the first line has 2");
  CHECK(csv_refusal("a,b\n1,2\n\n3,4,5\n") == "'t.csv', line 4: 3 fields; the first line has 2");
  CHECK(csv_refusal("a,b\n1,two\n") == "'t.csv', line 2, column 2 ('b'): 'two' is not a number");
  CHECK(csv_refusal("1,\n2,3\n") == "'t.csv', line 1, column 2: the field is empty");
  CHECK(csv_refusal("1,2\n2,\n") == "'t.csv', line 2, column 2: the field is empty");
  CHECK(csv_refusal("1\nnan\n") == "'t.csv', line 2, column 1: nan is not a finite number");
  CHECK(csv_refusal("1\n-inf\n") == "'t.csv', line 2, column 1: -inf is not a finite number");
  CHECK(csv_refusal("1\n1e39\n") == "'t.csv', line 2, column 1: 1e+39 is too large for a float of 32 bits");
  CHECK(contains(csv_refusal("1\n1e999\n"), "line 2, column 1: inf is not a finite number"));
  CHECK(csv_refusal("1 2\n3 4\n5\n") == "'t.csv', line 2, column 1 ('1 2'): '3 4' is not a number");
  CHECK(contains(csv_refusal("a;b\n1;2\n"), "'1;2' is not a number; fields are separated by commas, not by"));
  CHECK(csv_refusal("1,\"2\n3,4\n") == "'t.csv', line 1: a quote is not closed");
  CHECK(csv_refusal("1,\"2\"3\n") == "'t.csv', line 1: after a closing quote there must be a comma");
  for (const char* none : {"", "\n \n", "a,b\n"})
    CHECK(csv_refusal(none) == "'t.csv': there is no row of numbers in it");
}
