// Which of cuDNN's engines runs a convolution.
#pragma once

#include <optional>

#include "cudnn_graph.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels::cudnn {

/// An engine with its settings, ready to run.
struct Plan {
  Descriptor execution;
  std::size_t workspace;  ///< bytes
};

/// Whether an engine's results are the same bits every time and as exact as the precision promises.
inline bool is_exact_enough(const Descriptor& engine, Precision precision) {
  for (const auto note : engine.values<cudnnBackendNumericalNote_t>(
           CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT)) {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
        break;
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:  // which take floats as tf32
        if (precision == Precision::full) return false;
        break;
      default:  // not deterministic, operands or sums of fewer bits, Fourier and Winograd transforms
        return false;
    }
  }
  return true;
}

/// Whether an engine was compiled by NVIDIA. The others are compiled by NVRTC when their plan is made, which
/// takes seconds a plan and a library that many machines lack, or take memory for cuBLASLt.
inline bool is_ready_made(const Descriptor& engine) {
  return engine
      .values<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE,
                                          CUDNN_BEHAVIOR_NOTE_TYPE_COUNT)
      .empty();
}

/// The plan for an engine's settings; none where the engine does not take the graph after all.
inline std::optional<Plan> finalized(const Descriptor& settings, const Target& target) {
  Descriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, settings);
  if (target.handle != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, target.handle);
  if (target.device != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device);
  if (cudnnBackendFinalize(plan.get()) != CUDNN_STATUS_SUCCESS) return {};
  const auto bytes =
      plan.values<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1).at(0);
  return Plan{std::move(plan), static_cast<std::size_t>(bytes)};
}

/// The first plan that will do, in the order that cuDNN expects to be the quickest first. Throws CudaError if
/// there is none.
inline Plan choose_plan(const Convolution& c, std::int64_t alignment, const Target& target) {
  const Descriptor operations = graph(c, alignment, target);
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    Descriptor advice(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    advice.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, operations)
        .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    if (target.device != nullptr) advice.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device);
    if (cudnnBackendFinalize(advice.get()) != CUDNN_STATUS_SUCCESS) continue;  // no advice in this mode
    for (const Descriptor& settings :
         advice.parts(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR)) {
      const Descriptor engine = settings.part(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
      if (!is_exact_enough(engine, c.precision) || !is_ready_made(engine)) continue;
      std::optional<Plan> plan = finalized(settings, target);
      if (plan && plan->workspace <= largest_convolution_workspace) return *std::move(plan);
    }
  }
  constexpr std::string_view passes[] = {"", "input's gradient of a ", "kernel's gradient of a "};
  throw CudaError(join("cuDNN ", version_name(cudnnGetVersion()), ": no plan for the ",
                       passes[static_cast<int>(c.pass)], c.side, "x", c.side, " convolution of ", c.images,
                       "x", c.height, "x", c.width, "x", c.in, " to ", c.out, " channels in ", c.precision,
                       " is deterministic and takes at most ", largest_convolution_workspace >> 20,
                       " MiB; set GLOW_CONV=gather to do without cuDNN"));
}

}  // namespace glow::kernels::cudnn
