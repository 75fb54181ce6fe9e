#include "run/bad_step.hpp"

#include <glow/core/warning.hpp>

#include "run/first_names.hpp"

namespace glow::app {

void BadStep::tell(Engine& engine, const Dataset& data) {
  const std::string names =
      first_names(batch_.images.size(), [&](std::size_t i) { return data.name(batch_.images[i]); });
  warn("step ", *step_, " is not finite, ", engine.not_finite_in_step(batch_.pixels, batch_.labels, *step_),
       ", for ", names);
  step_.reset();
}

}  // namespace glow::app
