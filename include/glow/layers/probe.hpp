// Probe: who listens to the layers of a net while a batch passes through them.
#pragma once

#include <string>
#include <string_view>

#include <glow/core/error.hpp>
#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// What a layer does to a batch.
enum class Verb { forward, inverse, backward };

/// "forward", "inverse" or "backward".
constexpr std::string_view name_of(Verb verb) {
  return verb == Verb::forward ? "forward" : verb == Verb::inverse ? "inverse" : "backward";
}

/// Where a layer stands in its net.
struct LayerPlace {
  const LayerPlace* around;  ///< the container that it is in; null for the outermost
  std::string name;  ///< within that, as parameters are named: "level1", "step2", "coupling"; layers that a
                     ///< device does in one pass are one: "actnorm+conv1x1"

  /// "level1/step2/coupling"
  std::string path() const { return around == nullptr ? name : join(around->path(), "/", name); }
};

/// Listens to the layers of a net in T on device D. A batch may pass in groups of images, on several threads
/// at once, so that calls may come from each of them. Containers are told of, too, around what is in them.
template <class T, class D = Cpu>
class Probe {
 public:
  virtual ~Probe() = default;
  /// `x` enters the layer; in Verb::backward it is the gradient that does.
  virtual void before(const LayerPlace& place, Verb verb, View<T, D> x) = 0;
  /// `x` is what it made of that.
  virtual void after(const LayerPlace& place, Verb verb, View<T, D> x) = 0;
};

namespace detail {

// probed with a probe, in a form that calls of it share: every verb of every layer has one.
template <class P, class T, class D>
[[gnu::noinline]] void probed_work(Verb verb, const std::string& name, const View<T, D>& x, const P& pass,
                                   void (*work)(const void*, const P&), const void* closure) {
  const LayerPlace place{pass.place, name};
  P within = pass;
  within.place = &place;
  pass.probe->before(place, verb, x);
  work(closure, within);
  pass.probe->after(place, verb, x);
}

}  // namespace detail

/// Calls work(pass), between the calls of pass.probe if there is one and the layer has a name, name(), which
/// is not made without a probe. P is a Pass<T, D>.
template <class P, class T, class D, class Name, class Work>
void probed(Verb verb, const Name& name, const View<T, D>& x, const P& pass, const Work& work) {
  if (pass.probe != nullptr) {
    if (const std::string text = name(); !text.empty()) {
      return detail::probed_work(
          verb, text, x, pass,
          +[](const void* w, const P& within) { (*static_cast<const Work*>(w))(within); }, &work);
    }
  }
  work(pass);
}

}  // namespace glow
