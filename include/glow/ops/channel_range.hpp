// Some channels of every pixel of a batch, for ops that need not have them apart.
#pragma once

#include <concepts>
#include <type_traits>

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Channels first ... first + channels() - 1 of images [N, H, W, C]; a View stands for all of its own.
template <class T, class D>
class ChannelRange {
 public:
  template <class U>
  requires std::convertible_to<View<U, D>, View<T, D>> ChannelRange(View<U, D> images)
      : ChannelRange(images, 0, images.empty() ? 0 : images.channels()) {}
  template <class U>
  requires std::convertible_to<View<U, D>, View<T, D>> ChannelRange(View<U, D> images, Index first,
                                                                    Index count)
      : images_(images), first_(first), count_(count) {}
  /// The same channels, read only.
  operator ChannelRange<const T, D>() const requires(!std::is_const_v<T>) {
    return {View<const T, D>(images_), first_, count_};
  }

  bool empty() const { return images_.empty(); }
  /// The first of these channels of the first pixel.
  T* data() const { return images_.data() + first_; }
  /// Elements from a pixel to the next.
  Index stride() const { return images_.channels(); }
  /// Whether other channels lie between those of one pixel and of the next.
  bool has_gaps() const { return !empty() && stride() != count_; }

  Index batch() const { return images_.batch(); }
  Index height() const { return images_.height(); }
  Index width() const { return images_.width(); }
  Index channels() const { return count_; }
  /// Pixels of the batch.
  Index rows() const { return images_.rows(); }

 private:
  View<T, D> images_;
  Index first_, count_;
};

}  // namespace glow::ops
