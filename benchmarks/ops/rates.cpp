// The machine's rates.
#include "ops/registered.hpp"
#include "rates/memory_copy.hpp"
#include "rates/sgemm.hpp"

namespace glow::benchmarks {
namespace {

void keep_best(double& best, double rate) { best = std::max(best, rate); }

}  // namespace

void register_rates() {
  for (const auto& [library, version] : sgemm_versions()) benchmark::AddCustomContext(library, version);
  add(
      "copy", {.bytes = MemoryCopy::bytes},
      [] { return [copy = std::make_shared<MemoryCopy>()] { copy->run(); }; },
      [](double seconds) { keep_best(Rates::best().copy, MemoryCopy::bytes / seconds); });
  for (const Sgemm& s : sgemms()) {
    add("sgemm/" + s.name, {.flops = s.flops}, s.make,
        [flops = s.flops](double seconds) { keep_best(Rates::best().sgemm, flops / seconds); });
  }
}

}  // namespace glow::benchmarks
