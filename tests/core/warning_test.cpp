#include <glow/core/warning.hpp>

#include "catch.hpp"

using namespace glow;

TEST_CASE("warnings: go to the handler that is set, or nowhere, and the handler before comes back") {
  std::string seen;
  const WarningHandler at_first = on_warning([&](const std::string& text) { seen = text; });
  REQUIRE(at_first);
  warn("2 of ", 3, " channels");
  CHECK(seen == "2 of 3 channels");
  const WarningHandler mine = on_warning(nullptr);
  warn("dropped");
  CHECK(seen == "2 of 3 channels");
  CHECK_FALSE(on_warning(at_first));
  mine("called");
  CHECK(seen == "called");
}
