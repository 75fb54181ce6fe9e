// A convolution as an operation graph of cuDNN.
//   forward          sums = x * kernel; sums + bias; max(., 0)
//   input_gradient   dx = dy * mirrored kernel, or dx += ...
//   kernel_gradient  dkernel = x^T dy
#pragma once

#include <glow/ops/kernels/convolution.hpp>

#include "cudnn_descriptor.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels::cudnn {

/// How a graph's tensors are told apart.
enum class Tensor : std::int64_t { a = 1, b, result, bias, sums, biased };

/// For whom plans are made: the device of a handle or, with no device at hand, a description of one.
struct Target {
  cudnnHandle_t handle = nullptr;
  const Descriptor* device = nullptr;
};

inline cudnnDataType_t element_type(Precision precision) {
  return precision == Precision::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
}

/// A tensor of n times height times width pixels of c numbers, which lie side by side.
struct Extents {
  Index n, c, height, width;
};

inline Descriptor tensor(Tensor id, cudnnDataType_t type, const Extents& e, std::int64_t alignment,
                         bool is_virtual = false) {
  const std::array<std::int64_t, 4> dimensions{e.n, e.c, e.height, e.width};
  const std::array<std::int64_t, 4> strides{e.height * e.width * e.c, 1, e.width * e.c, e.c};
  return Descriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR)
      .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, static_cast<std::int64_t>(id))
      .set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type)
      .set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, dimensions)
      .set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides)
      .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, alignment)
      .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, is_virtual)
      .finish();
}

/// The convolution's operation: x, kernel and y by pass, whichever is the result.
inline Descriptor convolution_operation(const Convolution& c, const Descriptor& x, const Descriptor& kernel,
                                        const Descriptor& y) {
  const std::array<std::int64_t, 2> padding{c.side / 2, c.side / 2}, ones{1, 1};
  const Descriptor window =
      Descriptor(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
          .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, std::int64_t{2})
          .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
          .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, CUDNN_CROSS_CORRELATION)
          .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, padding)
          .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, padding)
          .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, ones)
          .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, ones)
          .finish();
  const float alpha = 1, beta = c.add ? 1.0f : 0.0f;
  switch (c.pass) {
    case ConvolutionPass::forward:
      return Descriptor(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, alpha)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, beta)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, window)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, kernel)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y)
          .finish();
    case ConvolutionPass::input_gradient:
      return Descriptor(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, alpha)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, beta)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, window)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, x)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, kernel)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, y)
          .finish();
    default:
      return Descriptor(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, CUDNN_TYPE_FLOAT, alpha)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, CUDNN_TYPE_FLOAT, beta)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, window)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, x)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, kernel)
          .set(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, y)
          .finish();
  }
}

/// y = mode(x, with) or mode(x), in float.
inline Descriptor pointwise_operation(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor* with,
                                      const Descriptor& y) {
  const Descriptor function = Descriptor(CUDNN_BACKEND_POINTWISE_DESCRIPTOR)
                                  .set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode)
                                  .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
                                  .finish();
  Descriptor operation(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, function)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x)
      .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
  if (with != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *with);
  return operation.finish();
}

/// The graph of a convolution whose operands are all aligned to `alignment` bytes.
inline Descriptor graph(const Convolution& c, std::int64_t alignment, const Target& target) {
  const cudnnDataType_t type = element_type(c.precision);
  const Extents input{c.images, c.in, c.height, c.width}, output{c.images, c.out, c.height, c.width},
      window{c.out, c.in, c.side, c.side};
  const bool forward = c.pass == ConvolutionPass::forward, plain = c.end == ConvolutionEnd::plain;
  const Descriptor x =
      tensor(c.pass == ConvolutionPass::input_gradient ? Tensor::result : Tensor::a, type, input, alignment);
  const Descriptor kernel = tensor(c.pass == ConvolutionPass::kernel_gradient ? Tensor::result : Tensor::b,
                                   type, window, alignment);
  const Descriptor y = tensor(forward                                     ? Tensor::result
                              : c.pass == ConvolutionPass::input_gradient ? Tensor::a
                                                                          : Tensor::b,
                              type, output, alignment);
  std::vector<Descriptor> operations;
  if (plain) {
    operations.push_back(convolution_operation(c, x, kernel, y));
  } else {
    const Descriptor sums = tensor(Tensor::sums, CUDNN_DATA_FLOAT, output, alignment, true);
    const Descriptor bias = tensor(Tensor::bias, type, {1, c.out, 1, 1}, alignment);
    operations.push_back(convolution_operation(c, x, kernel, sums));
    if (c.end == ConvolutionEnd::bias) {
      operations.push_back(pointwise_operation(CUDNN_POINTWISE_ADD, sums, &bias, y));
    } else {
      const Descriptor biased = tensor(Tensor::biased, CUDNN_DATA_FLOAT, output, alignment, true);
      operations.push_back(pointwise_operation(CUDNN_POINTWISE_ADD, sums, &bias, biased));
      operations.push_back(pointwise_operation(CUDNN_POINTWISE_RELU_FWD, biased, nullptr, y));
    }
  }
  std::vector<cudnnBackendDescriptor_t> handles;
  for (const Descriptor& o : operations) handles.push_back(o.get());
  Descriptor whole(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  whole.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, handles.size(), handles.data());
  if (target.handle != nullptr) {
    whole.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, target.handle);
  }
  return whole.finish();
}

}  // namespace glow::kernels::cudnn
