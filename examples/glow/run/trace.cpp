#include "run/trace.hpp"

#include <algorithm>

#include <glow/core/warning.hpp>
#include <glow/io/atomic_file.hpp>

namespace glow::app {

bool Trace::step_submitted() {
  ++begun_;
  if (steps_ == 0 || begun_ != not_recorded + steps_) return false;
  write_file_atomically(file_, timeline_.json());
  return true;
}

void Trace::finish() {
  if (steps_ == 0 || begun_ >= not_recorded + steps_) return;
  const Index recorded = std::max(Index{0}, begun_ - not_recorded);
  if (recorded > 0) write_file_atomically(file_, timeline_.json());
  warn("--trace: only ", recorded, " of ", steps_, " steps were recorded: the first ", not_recorded,
       " of a command are not");
}

}  // namespace glow::app
