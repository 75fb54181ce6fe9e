// 3x3 convolutions of the tape and their pull-backs on the CPU: matrix products before or after which taps
// are gathered or summed, on whichever side has fewer channels.
#pragma once

#include <glow/ops/cpu/tape_products.hpp>
#include <glow/ops/neighbours.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

// out[p - first, t, c] = x[tap t of p, c], or 0 outside the image, for pixels first ... last - 1.
template <class T>
void gather_taps(const PixelGrid& grid, Index reach, const T* x, Index channels, Index first, Index last,
                 T* out) {
  std::fill_n(out, (last - first) * taps * channels, T(0));
  for (Index pixel = first; pixel < last; ++pixel, out += taps * channels) {
    for_each_tap(grid, reach, pixel, [&](Index tap, Index neighbour) {
      std::copy_n(x + neighbour * channels, channels, out + tap * channels);
    });
  }
}

// y[p, c] += sum over t of parts[tap t of p, t, c], for pixels first ... last - 1.
template <class T>
void add_taps(const PixelGrid& grid, Index reach, const T* parts, Index channels, Index first, Index last,
              T* y) {
  for (Index pixel = first; pixel < last; ++pixel) {
    for_each_tap(grid, reach, pixel, [&](Index tap, Index neighbour) {
      const T* const part = parts + (neighbour * taps + tap) * channels;
      for (Index c = 0; c < channels; ++c) y[pixel * channels + c] += part[c];
    });
  }
}

// y [pixels, out] += x [pixels, in] convolved, for the kernel's own direction (Along::rows) or that of its
// pull-back (Along::columns), which its taps follow from y to x. `kernel` lies along `along` as the operand
// [taps * in, out] where in <= out, and [in, taps * out] where in > out.
template <Along along, OrCounted<Cpu> D, class T>
void add_convolution(const PixelGrid& grid, Index reach, Index pixels, Index in, Index out, const T* x,
                     const T* kernel, T* y) {
  const Index tile = tile_rows_for(pixels);
  if (in > out) {
    const Scratch<T, D> parts(Shape{pixels, taps * out});
    matrix_product<along, D>(pixels, taps * out, in, x, kernel, parts.data(), Finish::assign);
    if constexpr (is_counted<D>) return;
    parallel_ranges(pixels, tile, [&](Index first, Index last) {
      add_taps(grid, reach, parts.data(), out, first, last, y);
    });
    return;
  }
  const Scratch<T, D> packed(Shape{packed_size<T>(taps * in, out)});
  if constexpr (!is_counted<D>) {
    pack<along>(taps * in, out, packed.data(), kernel, along == Along::rows ? out : taps * in);
  }
  parallel_ranges(D(), pixels, tile, [&](Index first, Index last) {
    const Scratch<T, D> gathered(Shape{last - first, taps * in});
    if constexpr (is_counted<D>) return;
    gather_taps(grid, reach, x, in, first, last, gathered.data());
    gemm(Product<T>{last - first, out, taps * in, gathered.data(), taps * in, packed.data(), y + first * out,
                    out, Finish::add});
  });
}

// add_convolution of p's kernel as it is given, [taps, p.in, p.out], or by input where that lies in its way.
template <Along along, OrCounted<Cpu> D, class T>
void add_convolution(const products::Conv3x3& p, bool by_input, const T* x, const T* kernel, T* y) {
  const bool pulls = along == Along::columns;
  const Scratch<T, D> moved(Shape{by_input ? p.in : 0, taps * p.out});
  if constexpr (!is_counted<D>) {
    if (by_input) kernel_by_input(p.in, p.out, kernel, moved.data());
  }
  add_convolution<along, D>(PixelGrid(p.height, p.width), pulls ? -p.dilation : p.dilation,
                            p.batch * p.height * p.width, pulls ? p.out : p.in, pulls ? p.in : p.out, x,
                            by_input ? moved.data() : kernel, y);
}

// Calls fn(first, last, gathered) for chunks of pixels, with their taps [last - first, 9 channels].
template <OrCounted<Cpu> D, class T, class F>
void for_gathered_taps(const PixelGrid& grid, Index reach, Index pixels, const T* x, Index channels, F fn) {
  constexpr Index chunk = 4096;
  const Scratch<T, D> gathered(Shape{std::min(pixels, chunk), taps * channels});
  for (Index begin = 0; begin < pixels; begin += chunk) {
    const Index end = std::min(pixels, begin + chunk);
    if constexpr (!is_counted<D>) {
      parallel_ranges(end - begin, tile_rows_for(end - begin), [&](Index first, Index last) {
        gather_taps(grid, reach, x, channels, begin + first, begin + last,
                    gathered.data() + first * taps * channels);
      });
    }
    fn(begin, end, gathered.data());
  }
}

}  // namespace detail

/// y = a times b.
template <class T, OrCounted<Cpu> D>
void tape_product(products::Conv3x3 p, View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                  View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel, View<T, D> y) {
  clear(y);
  if (y.size() == 0 || x.size() == 0) return;
  detail::add_convolution<Along::rows, D>(p, p.in > p.out, x.data(), kernel.data(), y.data());
}

/// da += dy times b.
template <class T, OrCounted<Cpu> D>
void tape_product_pull_first(products::Conv3x3 p,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> kernel,
                             View<const std::type_identity_t<T>, std::type_identity_t<D>> dy, View<T, D> dx) {
  if (dx.size() == 0 || dy.size() == 0) return;
  detail::add_convolution<Along::columns, D>(p, p.in >= p.out, dy.data(), kernel.data(), dx.data());
}

/// db += a times dy.
template <class T, OrCounted<Cpu> D>
void tape_product_pull_second(products::Conv3x3 p,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> x,
                              View<const std::type_identity_t<T>, std::type_identity_t<D>> dy,
                              View<T, D> d_kernel) {
  if (x.size() == 0 || dy.size() == 0) return;
  const PixelGrid grid(p.height, p.width);
  const Index pixels = p.batch * p.height * p.width;
  if (p.in <= p.out) {
    detail::for_gathered_taps<D>(grid, p.dilation, pixels, x.data(), p.in,
                                 [&](Index first, Index last, const T* x9) {
                                   detail::add_outer_product<D>(last - first, taps * p.in, p.out, x9,
                                                                dy.data() + first * p.out, d_kernel.data());
                                 });
    return;
  }
  const Scratch<T, D> by_input(Shape{p.in, taps, p.out});
  clear(by_input.view());
  detail::for_gathered_taps<D>(grid, -p.dilation, pixels, dy.data(), p.out,
                               [&](Index first, Index last, const T* dy9) {
                                 detail::add_outer_product<D>(last - first, p.in, taps * p.out,
                                                              x.data() + first * p.in, dy9, by_input.data());
                               });
  if constexpr (is_counted<D>) return;
  for (Index t = 0; t < taps; ++t) {
    for (Index i = 0; i < p.in; ++i) {
      for (Index o = 0; o < p.out; ++o) {
        d_kernel[(t * p.in + i) * p.out + o] += by_input[(i * taps + t) * p.out + o];
      }
    }
  }
}

}  // namespace glow::ops
