// Plays cuda_gpu_tests for gpu_check_test.py: passes but for the faults that the variable PLANTED names.
#include <csignal>
#include <cstdlib>
#include <limits>
#include <string>

#include <unistd.h>

#include "catch.hpp"

namespace {

bool planted(const std::string& fault) {
  const char* faults = std::getenv("PLANTED");
  return faults != nullptr && std::string(faults).find(fault) != std::string::npos;
}

bool by_mma_sync() {
  const char* kernel = std::getenv("GLOW_NETWORK_KERNEL");
  return kernel != nullptr && std::string(kernel) == "mma_sync";
}

}  // namespace

TEST_CASE("planted: passes, under a \"name\" with [brackets], commas, *stars* and \\") {
  const double error = 0.001, bound = 0.01;
  CHECK(error <= bound);
}

TEST_CASE("planted: hangs, and does not listen") {
  if (!planted("hang")) return;
  std::signal(SIGTERM, SIG_IGN);
  while (true) ::pause();
}

TEST_CASE("planted: a wrong number") {
  const double error = planted("wrong number") ? 0.5 : 0.002, bound = 0.01;
  CHECK(error <= bound);
}

TEST_CASE("planted: no number") {
  const double error = planted("no number") ? std::numeric_limits<double>::quiet_NaN() : 0.0025, bound = 0.01;
  CHECK(error <= bound);
}

TEST_CASE("planted: crashes") {
  if (planted("crash")) std::raise(SIGSEGV);
}

TEST_CASE("planted: a small network", "[network]") { CHECK_FALSE((planted("wgmma") && !by_mma_sync())); }

TEST_CASE("planted: a large network", "[network][large]") {}

TEST_CASE("planted: a stress test", "[.card]") { FAIL("is for a card alone"); }

TEST_CASE("planted: a trainer", "[trainer]") {}
