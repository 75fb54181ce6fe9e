// The parameters of a model: those of its net and, of continuous data, the constants that standardize them.
#pragma once

#include <vector>

#include <glow/flow/layer.hpp>
#include <glow/layers/standardization.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A net behind the domain of its data, as far as parameters go. Those of the domain are named "domain/...".
template <class Net>
class WithDomain {
 public:
  template <class Leaf>
  struct Params : Net::template Params<Leaf> {
    std::vector<Standardization::Params<Leaf>> domain;  ///< one of continuous data, else none

    template <class F>
    void visit(F&& f) {
      for (auto& d : domain) d.visit(with_prefix("domain", f));
      Net::template Params<Leaf>::visit(f);
    }
  };

  /// `entry`: the shape [N, ...] in which samples enter the net.
  WithDomain(const Net& net, bool standardized, const Shape& entry)
      : net_(net), standardized_(standardized), entry_(entry) {}

  template <class Leaf>
  Params<Leaf> blank() const {
    return {blank_params<Leaf>(net_), std::vector<Standardization::Params<Leaf>>(standardized_ ? 1 : 0)};
  }

  template <class D = Cpu>
  Params<Shape> declare(const Shape& x) const {
    Params<Shape> p{declare_layer<D>(net_, x), {}};
    if (standardized_) p.domain.push_back(Standardization().declare(entry_));
    return p;
  }

 private:
  const Net& net_;
  bool standardized_;
  Shape entry_;
};

}  // namespace glow
