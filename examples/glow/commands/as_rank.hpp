// A command that several processes do together.
#pragma once

#include <functional>
#include <string>

#include <glow/ranks/any_ranks.hpp>

namespace glow::app {

/// Does `work` as one of the ranks that the program was started as, and returns the exit status, which is
/// rank 0's. What goes wrong on one of several ranks is said, and ends all of them.
int as_rank(const std::function<int(AnyRanks&)>& work);

/// Throws UsageError where mpirun or srun started several processes of a command that one does.
void require_one_process(const std::string& command);

}  // namespace glow::app
