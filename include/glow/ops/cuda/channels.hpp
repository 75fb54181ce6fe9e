// Cutting and joining along the channels on a GPU. The kernels are in kernels/channels.cu.
#pragma once

#include <glow/core/counted.hpp>
#include <glow/core/cuda/device.hpp>
#include <glow/ops/kernels/channels.hpp>
#include <glow/ops/squeezed_shape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// x [..., A + B] -> a [..., A], b [..., B]. For images x [N, H, W, A + B], b may have the shape of a
/// squeezed [N, H, W, B], and then is squeezed.
template <class T>
void split_channels(View<T, Cuda> x, View<T, Cuda> a, View<T, Cuda> b) {
  const Index ca = a.channels(), cb = x.channels() - ca;
  kernels::launch_split_channels<T>(x.data(), a.data(), b.data(), x.rows(), ca, cb,
                                    pixel_order(x.shape(), b.shape()), cuda::stream());
}

/// a [..., A], b [..., B] -> x [..., A + B]; b may be squeezed, as in split_channels.
template <class T>
void join_channels(View<T, Cuda> a, View<T, Cuda> b, View<T, Cuda> x) {
  const Index ca = a.channels(), cb = x.channels() - ca;
  kernels::launch_join_channels<T>(a.data(), b.data(), x.data(), x.rows(), ca, cb,
                                   pixel_order(x.shape(), b.shape()), cuda::stream());
}

/// Every row of x [..., C] = row [C].
template <class T>
void repeat_row(View<T, Cuda> row, View<T, Cuda> x) {
  kernels::launch_repeat_row<T>(row.data(), x.data(), x.rows(), x.channels(), cuda::stream());
}

/// sum [C] += the rows of x [..., C].
template <class T, OrCounted<Cuda> D>
void sum_of_rows(View<T, D> x, View<T, D> sum) {
  const Scratch<T, D> part(Shape{kernels::most_parts, x.channels()});
  if constexpr (is_counted<D>) return;
  kernels::launch_sum_of_rows<T>(x.data(), part.data(), sum.data(), x.rows(), x.channels(), cuda::stream());
}

}  // namespace glow::ops
