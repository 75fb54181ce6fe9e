// When each layer of a model worked.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <glow/core/timeline.hpp>
#include <glow/layers/probe.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A probe that writes each layer's and each container's work to a timeline, as an event
/// "level1/step2/coupling" of the category "forward", "inverse" or "backward". It waits for the device before
/// and after each, so that the times are those of the work itself.
template <class T, class D = Cpu>
class TimelineProbe : public Probe<T, D> {
 public:
  /// The timeline must outlive it.
  explicit TimelineProbe(Timeline& timeline) : timeline_(timeline) {}

  void before(const LayerPlace& place, Verb verb, View<T, D>) override {
    const std::pair key(std::this_thread::get_id(), place.path());
    synchronize(D());
    const std::lock_guard<std::mutex> lock(mutex_);
    begun_[key] = {verb, Timeline::Clock::now()};
  }
  void after(const LayerPlace& place, Verb, View<T, D>) override {
    synchronize(D());
    const auto end = Timeline::Clock::now();
    const std::pair key(std::this_thread::get_id(), place.path());
    std::unique_lock<std::mutex> lock(mutex_);
    const auto [verb, begin] = begun_.at(key);
    lock.unlock();
    timeline_.event(key.second, std::string(name_of(verb)), begin, end);
  }

 private:
  Timeline& timeline_;
  std::mutex mutex_;
  std::map<std::pair<std::thread::id, std::string>, std::pair<Verb, Timeline::Clock::time_point>> begun_;
};

}  // namespace glow
