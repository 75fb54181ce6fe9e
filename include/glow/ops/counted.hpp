// Ops on a device that only counts (core/counted.hpp), for all that take no temporaries or only some vectors
// of the length of a layer's channels. Ops that take more count it in their own bodies, which are preferred
// to these where a device has them, provided that no argument needs a conversion: such ops are not listed
// here.
#pragma once

#include <glow/core/counted.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

namespace detail {

template <class A>
concept CountedView = is_counted<typename A::device>;  // false for what has no device

}  // namespace detail

/// Arguments of which some are tensors on a device that only counts.
template <class... A>
concept OnCounted = (detail::CountedView<A> || ...);

// clang-format off
template <class... A> requires OnCounted<A...> void actnorm_forward(const A&...) {}
template <class... A> requires OnCounted<A...> void actnorm_inverse(const A&...) {}
template <class... A> requires OnCounted<A...> void actnorm_backward(const A&...) {}
template <class... A> requires OnCounted<A...> void adam_step(const A&...) {}
template <class... A> requires OnCounted<A...> void add(const A&...) {}
template <class... A> requires OnCounted<A...> void add_logdet_to_sum(const A&...) {}
template <class... A> requires OnCounted<A...> void add_parts_to_logdet(const A&...) {}
template <class... A> requires OnCounted<A...> void add_sum_to_logdet(const A&...) {}
template <class... A> requires OnCounted<A...> void average_step(const A&...) {}
template <class... A> requires OnCounted<A...> void begin_step(const A&...) {}
template <class... A> requires OnCounted<A...> void conv1x1_apply(const A&...) {}
template <class... A> requires OnCounted<A...> void conv1x1_assemble(const A&...) {}
template <class... A> requires OnCounted<A...> void conv1x1_pack(const A&...) {}
template <class... A> requires OnCounted<A...> void conv1x1_pull_back(const A&...) {}
template <class... A> requires OnCounted<A...> void conv1x1_start(const A&...) {}
template <class... A> requires OnCounted<A...> void conv3x3_pack(const A&...) {}
template <class... A> requires OnCounted<A...> void cross_entropy(const A&...) {}
template <class... A> requires OnCounted<A...> void dequantize(const A&...) {}
template <class... A> requires OnCounted<A...> void dequantize_by_image(const A&...) {}
template <class... A> requires OnCounted<A...> void fill(const A&...) {}
template <class... A> requires OnCounted<A...> void fill_normal(const A&...) {}
template <class... A> requires OnCounted<A...> void fill_normal_by_image(const A&...) {}
template <class... A> requires OnCounted<A...> void fill_uniform(const A&...) {}
template <class... A> requires OnCounted<A...> void gaussian_backward(const A&...) {}
template <class... A> requires OnCounted<A...> void gaussian_log_density(const A&...) {}
template <class... A> requires OnCounted<A...> void gaussian_sample(const A&...) {}
template <class... A> requires OnCounted<A...> void join_channels(const A&...) {}
template <class... A> requires OnCounted<A...> void join_context(const A&...) {}
template <class... A> requires OnCounted<A...> void join_context_backward(const A&...) {}
template <class... A> requires OnCounted<A...> void judge_step(const A&...) {}
template <class... A> requires OnCounted<A...> void mean_bits_per_dim(const A&...) {}
template <class... A> requires OnCounted<A...> void norm(const A&...) {}
template <class... A> requires OnCounted<A...> void permutation_forward(const A&...) {}
template <class... A> requires OnCounted<A...> void permutation_inverse(const A&...) {}
template <class... A> requires OnCounted<A...> void permutation_start(const A&...) {}
template <class... A> requires OnCounted<A...> void repeat_row(const A&...) {}
template <class... A> requires OnCounted<A...> void rows_of_labels(const A&...) {}
template <class... A> requires OnCounted<A...> void rows_of_labels_backward(const A&...) {}
template <class... A> requires OnCounted<A...> void split_channels(const A&...) {}
template <class... A> requires OnCounted<A...> void squeeze_forward(const A&...) {}
template <class... A> requires OnCounted<A...> void squeeze_inverse(const A&...) {}
template <class... A> requires OnCounted<A...> void sum_of_rows(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_check_indices(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_lines(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_lines_pull(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_map(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_map_pull(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_map2(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_map2_pull(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_rearrange(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_rearrange_pull(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_sum_runs(const A&...) {}
template <class... A> requires OnCounted<A...> void tape_sum_runs_pull(const A&...) {}
template <class... A> requires OnCounted<A...> void transfer(const A&...) {}
// clang-format on

}  // namespace glow::ops
