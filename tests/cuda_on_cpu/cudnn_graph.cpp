#include "cudnn_graph.hpp"

namespace glow::cuda_on_cpu {

namespace {

CudnnTensor read_tensor(const CudnnDescriptor& d) {
  CudnnTensor t;
  t.id = d.value<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID);
  t.type = d.value<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE);
  t.alignment = d.value<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  t.is_virtual = d.has(CUDNN_ATTR_TENSOR_IS_VIRTUAL) && d.value<char>(CUDNN_ATTR_TENSOR_IS_VIRTUAL) != 0;
  const auto e = d.values<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto s = d.values<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  refuse_unless(e.size() == 4 && s.size() == 4, CUDNN_STATUS_BAD_PARAM, "a tensor has not four dimensions");
  t.n = e[0], t.c = e[1], t.h = e[2], t.w = e[3];
  refuse_unless(t.n > 0 && t.c > 0 && t.h > 0 && t.w > 0, CUDNN_STATUS_BAD_PARAM, "a tensor is empty");
  refuse_unless(s[0] == t.h * t.w * t.c && s[1] == 1 && s[2] == t.w * t.c && s[3] == t.c,
                CUDNN_STATUS_NOT_SUPPORTED, "a tensor is not packed with its channels innermost");
  refuse_unless(t.type == CUDNN_DATA_FLOAT || t.type == CUDNN_DATA_BFLOAT16, CUDNN_STATUS_NOT_SUPPORTED,
                "elements are neither float nor bf16");
  const std::int64_t element = t.type == CUDNN_DATA_FLOAT ? 4 : 2;
  refuse_unless(t.alignment >= element && (t.alignment & (t.alignment - 1)) == 0, CUDNN_STATUS_BAD_PARAM,
                "an alignment is not a power of two of at least an element");
  return t;
}

// The names of a convolution operation's attributes, by pass.
struct Names {
  cudnnBackendAttributeName_t alpha, beta, window, x, kernel, y;
};

Names names_of(cudnnBackendDescriptorType_t pass) {
  switch (pass) {
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return {
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return {
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,     CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
    default:
      throw CudnnRefusal{CUDNN_STATUS_NOT_SUPPORTED, "a graph does not begin with a convolution"};
  }
}

std::int64_t read_padding(const CudnnDescriptor& window) {
  const auto pre = window.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS);
  const auto ones = std::vector<std::int64_t>{1, 1};
  refuse_unless(
      window.value<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS) == 2 && pre.size() == 2 &&
          pre[0] == pre[1] && pre == window.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS) &&
          ones == window.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_DILATIONS) &&
          ones == window.values<std::int64_t>(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES) &&
          window.value<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) == CUDNN_CROSS_CORRELATION,
      CUDNN_STATUS_NOT_SUPPORTED,
      "only correlations of two dimensions with stride 1 and the same padding on all sides are known here");
  refuse_unless(window.value<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE) == CUDNN_DATA_FLOAT,
                CUDNN_STATUS_NOT_SUPPORTED, "sums are not float");
  return pre[0];
}

void check_extents(const CudnnConvolution& c) {
  const std::int64_t side = c.kernel.h;
  refuse_unless(c.kernel.w == side && side == 2 * c.padding + 1 && c.x.n == c.y.n && c.x.h == c.y.h &&
                    c.x.w == c.y.w && c.kernel.c == c.x.c && c.kernel.n == c.y.c,
                CUDNN_STATUS_BAD_PARAM, "the tensors of a convolution do not fit together");
}

// sums -> with bias -> through ReLU: takes the operation's input for its output.
void read_pointwise(const CudnnDescriptor& o, CudnnConvolution& c) {
  const CudnnDescriptor& function = o.part(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
  const CudnnTensor from = read_tensor(o.part(CUDNN_ATTR_OPERATION_POINTWISE_XDESC)),
                    to = read_tensor(o.part(CUDNN_ATTR_OPERATION_POINTWISE_YDESC));
  refuse_unless(from.id == c.y.id && from.is_virtual && from.type == CUDNN_DATA_FLOAT,
                CUDNN_STATUS_NOT_SUPPORTED, "an operation does not follow on the one before in float");
  refuse_unless(to.n == c.y.n && to.c == c.y.c && to.h == c.y.h && to.w == c.y.w, CUDNN_STATUS_BAD_PARAM,
                "a pointwise operation changes the shape");
  switch (function.value<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE)) {
    case CUDNN_POINTWISE_ADD:
      refuse_unless(!c.has_bias && !c.has_relu, CUDNN_STATUS_NOT_SUPPORTED, "more than one bias");
      c.bias = read_tensor(o.part(CUDNN_ATTR_OPERATION_POINTWISE_BDESC));
      c.has_bias = true;
      refuse_unless(c.bias.n == 1 && c.bias.h == 1 && c.bias.w == 1 && c.bias.c == to.c,
                    CUDNN_STATUS_BAD_PARAM, "a bias is not one number a channel");
      break;
    case CUDNN_POINTWISE_RELU_FWD:
      c.has_relu = true;
      break;
    default:
      throw CudnnRefusal{CUDNN_STATUS_NOT_SUPPORTED, "a pointwise operation that is not known here"};
  }
  c.y = to;
}

}  // namespace

std::vector<CudnnTensor> CudnnConvolution::tensors() const {
  std::vector<CudnnTensor> all{x, kernel, y};
  if (has_bias) all.push_back(bias);
  return all;
}

bool CudnnConvolution::has_engines() const {
  for (const CudnnTensor& t : tensors()) {
    if (t.type != x.type) return false;
  }
  return true;
}

bool CudnnConvolution::fits_tensor_cores() const {
  for (const CudnnTensor& t : tensors()) {
    if (t.alignment < 16) return false;
  }
  return true;
}

CudnnConvolution read_graph(const CudnnDescriptor& graph) {
  refuse_unless(graph.has(CUDNN_ATTR_OPERATIONGRAPH_OPS), CUDNN_STATUS_BAD_PARAM, "a graph is empty");
  const auto& operations = graph.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).parts;
  const CudnnDescriptor& first = *operations[0];
  CudnnConvolution c;
  c.pass = first.type;
  const Names names = names_of(c.pass);
  c.padding = read_padding(first.part(names.window));
  c.x = read_tensor(first.part(names.x));
  c.kernel = read_tensor(first.part(names.kernel));
  c.y = read_tensor(first.part(names.y));
  c.beta = first.value<float>(names.beta);
  refuse_unless(first.value<float>(names.alpha) == 1.0f && (c.beta == 0.0f || c.beta == 1.0f),
                CUDNN_STATUS_NOT_SUPPORTED, "a factor that is not known here");
  check_extents(c);
  for (std::size_t i = 1; i < operations.size(); ++i) {
    refuse_unless(operations[i]->type == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR &&
                      c.is(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR),
                  CUDNN_STATUS_NOT_SUPPORTED, "operations after a convolution that are not known here");
    read_pointwise(*operations[i], c);
  }
  for (const CudnnTensor& t : c.tensors()) {
    refuse_unless(!t.is_virtual, CUDNN_STATUS_BAD_PARAM, "an end of the graph is virtual");
  }
  return c;
}

}  // namespace glow::cuda_on_cpu
