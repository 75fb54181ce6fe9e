// Work on each of a layer's steps that needs nothing of the other steps.
#pragma once

#include <glow/core/counted.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Calls fn(i) for i = 0 ... count - 1, at once where that gives every thread a step of its own: what a step
/// reads several times then stays in one core's cache, and no loop within it waits for other threads.
template <class F>
void for_each_step(Cpu, Index count, F&& fn) {
  if (count >= threads()) return parallel_for(count, fn);
  for (Index i = 0; i < count; ++i) fn(i);
}

/// The same where memory is counted, of one step on each thread.
template <class F>
void for_each_step(Counted<Cpu>, Index count, F&& fn) {
  if (count < threads()) return fn(Index{0});
  CountedThreads<Cpu>::run(std::min(count, Index{2}), [&](Index) { fn(Index{0}); });
}

/// Other devices share a step's work among their own threads.
template <class D, class F>
void for_each_step(D, Index count, F&& fn) {
  for (Index i = 0; i < count; ++i) fn(i);
}

}  // namespace glow
