#include "run/bad_step.hpp"

#include <glow/core/warning.hpp>

namespace glow::app {

void BadStep::tell(Engine& engine, const Dataset& data) {
  constexpr std::size_t most = 3;
  std::string names;
  for (std::size_t i = 0; i < std::min(most, batch_.images.size()); ++i)
    names += (i == 0 ? "" : ", ") + data.name(batch_.images[i]);
  if (batch_.images.size() > most) names += join(" and ", batch_.images.size() - most, " more");
  warn("step ", *step_, " is not finite, ", engine.not_finite_in_step(batch_.pixels, batch_.labels, *step_),
       ", for ", names);
  step_.reset();
}

}  // namespace glow::app
