#include "run/utf8.hpp"

#include <nlohmann/json.hpp>

#include "support.hpp"

using namespace glow::app;
using namespace glow::test;

TEST_CASE("utf8: text stays as it is") {
  for (const std::string text :
       {"", "photos/a b", "caf\xC3\xA9", "\xE5\x86\x99\xE7\x9C\x9F", "\xF0\x9F\x8E\xB2"}) {
    CHECK(to_utf8(text) == text);
    CHECK(from_utf8(text) == text);
  }
}

TEST_CASE("utf8: any bytes come back, and JSON takes them") {
  std::vector<std::string> names{"caf\xE9",
                                 "\xC3",
                                 "a\xE5\x86",
                                 "\xC0\xAF",           // too long a form of a slash
                                 "\xED\xA0\x80",       // a surrogate
                                 "\xF5\x80\x80\x80",   // beyond Unicode
                                 "\xEF\x9F\xA9 \xE9",  // the character that stands for E9, and that byte
                                 "\xEF\x9E\x80\xEF\x9F\xBF"};
  std::string all;
  for (int b = 1; b < 256; ++b) all += static_cast<char>(b);
  names.push_back(all);
  for (const std::string& name : names) {
    const std::string text = to_utf8(name);
    CHECK(from_utf8(text) == name);
    CHECK(nlohmann::json::parse(nlohmann::json(text).dump()).get<std::string>() == text);
  }
}
