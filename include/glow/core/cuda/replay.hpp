// Replay: the same work again and again, as one CUDA graph. A launch of thousands of small kernels costs the
// host more than the GPU needs to run them; a graph of them is one launch.
#pragma once

#include <glow/core/arena.hpp>
#include <glow/core/cuda/device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// Runs work on the current stream: as it is in its first rounds, so that its memory grows to its size, then
/// captured as a graph, which is replayed from there on. Its temporaries are its own and stay where they are.
class Replay {
 public:
  Replay() = default;
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;
  ~Replay() { drop(); }

  /// Calls work() or replays it. `key` tells works apart: another key than the last round's starts anew. All
  /// that changes from round to round must lie in the GPU's memory, and work() must not wait.
  template <class Work>
  void run(std::size_t key, Work work) {
    if (key != key_) drop();
    key_ = key;
    if (graph_ == nullptr) {
      const WorkspaceScope<Cuda> own(workspace_);
      if (rounds_ < rounds_before_capture) {
        ++rounds_;
        work();
        return;
      }
      capture(work);
    }
    check(cudaGraphLaunch(graph_, stream()), "replaying a graph");
  }

 private:
  // The first round grows the arena block by block, which then becomes one; the second uses it as it stays.
  static constexpr int rounds_before_capture = 2;

  template <class Work>
  void capture(Work work) {
    cudaGraph_t graph = nullptr;
    check(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeThreadLocal), "beginning a graph");
    try {
      work();
    } catch (...) {
      cudaStreamEndCapture(stream(), &graph);
      cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(stream(), &graph), "ending a graph");
    const cudaError_t status = cudaGraphInstantiate(&graph_, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "making a graph ready");
  }

  void drop() noexcept {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
    rounds_ = 0;
  }

  Workspace<Cuda> workspace_;
  cudaGraphExec_t graph_ = nullptr;
  std::size_t key_ = 0;
  int rounds_ = 0;
};

}  // namespace glow::cuda
