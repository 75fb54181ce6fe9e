// A coupling as nodes of ONNX.
#pragma once

#include <glow/layers/architecture.hpp>
#include <glow/ops/condition.hpp>

#include "foreign/onnx/operators.hpp"

namespace glow::foreign::onnx {

/// Throws ShapeError, naming it, for a map that no nodes are written for.
void require_graph(CouplingMap map);

/// Maps by h what changes of x; for each number the logarithm of its scale, none where that is 0.
struct Mapped {
  Value x;
  std::optional<Value> log_scale;
};

/// One direction of a map of ops/maps for the network's output h [N, outputs * channels, H, W].
Mapped map_forward(Graph& g, CouplingMap map, const Value& x, const Value& h, const Extents& changed);
Value map_inverse(Graph& g, CouplingMap map, const Value& y, const Value& h, const Extents& changed);

/// The coupling whose parameters' names begin with `name`, such as "level1/step2/coupling", for images of
/// extents `e`.
class CouplingNodes {
 public:
  /// `context`: of what the network reads besides x; `joined`: the values of its context and of its edge
  /// channel.
  CouplingNodes(Graph& g, const Weights& weights, const Architecture& a, Condition which, std::string name,
                const Extents& e, Index context, std::vector<Value> joined)
      : g_(g),
        weights_(weights),
        a_(a),
        at_(e.channels, which),
        changed_{at_.changed, e.height, e.width},
        name_(std::move(name)),
        context_(context),
        joined_(std::move(joined)) {}

  /// x -> y; in log_scale what to add to log|det|.
  Mapped forward(const Value& x) const;
  Value inverse(const Value& y) const;

 private:
  struct Halves {
    Value changed, read;
  };
  Halves halves(const Value& x) const;
  Value whole(const Halves& halves) const;
  Value network(const Value& read) const;

  Graph& g_;
  const Weights& weights_;
  const Architecture& a_;
  ops::CouplingChannels at_;
  Extents changed_;
  std::string name_;
  Index context_;
  std::vector<Value> joined_;
};

}  // namespace glow::foreign::onnx
