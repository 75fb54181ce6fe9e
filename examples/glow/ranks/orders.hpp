// What rank 0 of a training asks of the others, which wait for it.
#pragma once

#include <cstdint>

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// What all ranks do next.
enum class Task : std::int64_t {
  start,  ///< the model's start from the data, of which the others get the result; `argument`: not 0 if its
          ///< parameters then change again, by those of another run
  step,   ///< a step on the next batch
  validate,  ///< see evaluate in run/evaluate.hpp
  explain,   ///< why the numbers of step `argument` were not finite
  go_back,   ///< goes on from the last good checkpoint
  end,       ///< the program ends with status `argument`
};

struct Order {
  Task task;
  std::int64_t argument;
};

/// Rank 0 has all others do a task, which it then does, too.
inline void ask(AnyRanks& ranks, Task task, std::int64_t argument = 0) {
  Order order{task, argument};
  ranks.broadcast(std::as_writable_bytes(std::span(&order, 1)));
}

/// The next task of another rank, when rank 0 asks for it.
inline Order next_order(AnyRanks& ranks) {
  Order order{};
  ranks.broadcast(std::as_writable_bytes(std::span(&order, 1)));
  return order;
}

}  // namespace glow::app
