// Parts of a training step as events of a timeline.
#pragma once

#include <glow/core/tensor.hpp>
#include <glow/core/timeline.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// work() on device D, as an event of category "step" of the timeline if there is one. The device is waited
/// for then, before and after.
template <class D, class Work>
void told(Timeline* timeline, const char* name, const Work& work) {
  if (timeline == nullptr) return work();
  synchronize(D());
  timed(timeline, name, "step", [&] {
    work();
    synchronize(D());
  });
}

}  // namespace glow
