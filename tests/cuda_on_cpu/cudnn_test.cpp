// The convolutions of the fake cuDNN against plain loops, and what it refuses; with them the plans of
// kernels/cudnn_plan.hpp.
#include <cmath>
#include <vector>

#include <cuda_bf16.h>

#include "../../kernels/cudnn_plan.hpp"
#include "../catch.hpp"
#include "support.hpp"

using namespace glow::cuda_on_cpu;
using namespace glow::kernels;
using glow::Index;
using glow::Precision;

namespace {

constexpr Index images = 2, height = 3, width = 4, in = 5, out = 6, pixels = images * height * width;

Convolution convolution(ConvolutionPass pass, Precision precision = Precision::full, Index side = 3) {
  return {pass, precision, images, height, width, in, out, side};
}

// Calls fn(element of y, element of x, element of the kernel [out, side, side, in]) for all products.
template <class F>
void for_each_product(Index side, F fn) {
  for (Index n = 0; n < images; ++n) {
    for (Index row = 0; row < height; ++row) {
      for (Index column = 0; column < width; ++column) {
        for (Index r = 0; r < side; ++r) {
          for (Index s = 0; s < side; ++s) {
            const Index y = row + r - side / 2, x = column + s - side / 2;
            if (y < 0 || y >= height || x < 0 || x >= width) continue;
            for (Index o = 0; o < out; ++o) {
              for (Index i = 0; i < in; ++i) {
                fn(((n * height + row) * width + column) * out + o, ((n * height + y) * width + x) * in + i,
                   ((o * side + r) * side + s) * in + i);
              }
            }
          }
        }
      }
    }
  }
}

std::vector<float> some(Index size, std::uint64_t seed) {
  return numbers(static_cast<std::size_t>(size), seed);
}

// Elements of a tensor, in float or bf16.
template <class E>
std::vector<E> as(const std::vector<float>& x) {
  std::vector<E> y;
  for (const float v : x) y.push_back(E(v));
  return y;
}

struct Handle {
  cudaStream_t stream = nullptr;
  cudnnHandle_t handle = nullptr;
  Handle() {
    REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
    REQUIRE(cudnnCreate(&handle) == CUDNN_STATUS_SUCCESS);
    REQUIRE(cudnnSetStream(handle, stream) == CUDNN_STATUS_SUCCESS);
  }
  ~Handle() {
    cudnnDestroy(handle);
    cudaStreamDestroy(stream);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  cudnn::Plan plan(const Convolution& c, std::int64_t alignment = 16) const {
    return cudnn::choose_plan(c, alignment, {handle, nullptr});
  }
  cudnnStatus_t run(const cudnn::Plan& plan, std::vector<const void*> pointers, void* workspace) const {
    const std::vector<std::int64_t> ids{1, 2, 3, 4};
    const cudnn::Descriptor pack =
        cudnn::Descriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)
            .set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, pointers.size(), ids.data())
            .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, pointers.size(), pointers.data())
            .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace)
            .finish();
    return cudnnBackendExecute(handle, plan.execution.get(), pack.get());
  }
};

}  // namespace

TEST_CASE("cuda_on_cpu: cuDNN's three products in float and bf16", "[cuda_on_cpu]") {
  const Handle h;
  const DeviceVector<char> workspace(4096);
  for (const Index side : {Index{1}, Index{3}}) {
    const auto x = some(pixels * in, 1), kernel = some(out * side * side * in, 2), dy = some(pixels * out, 3),
               bias = some(out, 4);
    std::vector<float> y(dy.size()), dx = x, d_kernel(kernel.size());
    for_each_product(side, [&](Index at_y, Index at_x, Index at_kernel) {
      y.data()[at_y] += x.data()[at_x] * kernel.data()[at_kernel];
      dx.data()[at_x] += dy.data()[at_y] * kernel.data()[at_kernel];
      d_kernel.data()[at_kernel] += dy.data()[at_y] * x.data()[at_x];
    });
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::fmax(y[i] + bias[i % bias.size()], 0.0f);

    const DeviceVector<float> gpu_x(x), gpu_kernel(kernel), gpu_dy(dy), gpu_bias(bias), gpu_y(y.size()),
        gpu_dx(x), gpu_d_kernel(kernel.size());
    auto forward = convolution(ConvolutionPass::forward, Precision::full, side);
    forward.end = ConvolutionEnd::bias_relu;
    auto to_input = convolution(ConvolutionPass::input_gradient, Precision::full, side);
    to_input.add = true;
    const auto to_kernel = convolution(ConvolutionPass::kernel_gradient, Precision::full, side);
    CHECK(h.run(h.plan(forward), {gpu_x.data(), gpu_kernel.data(), gpu_y.data(), gpu_bias.data()},
                workspace.data()) == CUDNN_STATUS_SUCCESS);
    CHECK(h.run(h.plan(to_input), {gpu_dy.data(), gpu_kernel.data(), gpu_dx.data()}, workspace.data()) ==
          CUDNN_STATUS_SUCCESS);
    CHECK(h.run(h.plan(to_kernel), {gpu_x.data(), gpu_dy.data(), gpu_d_kernel.data()}, workspace.data()) ==
          CUDNN_STATUS_SUCCESS);
    CHECK(gpu_y.host() == y);  // all sums are exact
    CHECK(gpu_dx.host() == dx);
    CHECK(gpu_d_kernel.host() == d_kernel);

    using Half = __nv_bfloat16;
    const DeviceVector<Half> x16(as<Half>(x)), kernel16(as<Half>(kernel)), bias16(as<Half>(bias)),
        y16(y.size());
    forward.precision = Precision::bf16;
    CHECK(h.run(h.plan(forward), {x16.data(), kernel16.data(), y16.data(), bias16.data()},
                workspace.data()) == CUDNN_STATUS_SUCCESS);
    const auto found = y16.host();
    for (std::size_t i = 0; i < y.size(); ++i) {
      CHECK(__bfloat162float(found[i]) == __bfloat162float(__float2bfloat16(y[i])));
    }
  }
}

TEST_CASE("cuda_on_cpu: plans of cuDNN are deterministic, ready made and as exact as asked",
          "[cuda_on_cpu]") {
  const Handle h;
  // Tensor cores round 1 + 2^-12 to 1.
  const DeviceVector<char> workspace(4096);
  const DeviceVector<float> x(std::vector<float>{1.0f + 1.0f / 4096}), kernel(std::vector<float>{1}), y(1);
  const auto product = [&](Precision precision, std::int64_t alignment) {
    const cudnn::Plan plan = h.plan({ConvolutionPass::forward, precision, 1, 1, 1, 1, 1, 1}, alignment);
    CHECK(plan.workspace <= largest_convolution_workspace);
    CHECK(h.run(plan, {x.data(), kernel.data(), y.data()}, workspace.data()) == CUDNN_STATUS_SUCCESS);
    return y.host()[0];
  };
  CHECK(product(Precision::full, 16) > 1.0f);
  CHECK(product(Precision::tf32, 16) == 1.0f);
  CHECK(product(Precision::tf32, 4) > 1.0f);  // tensor cores read whole vectors
}

TEST_CASE("cuda_on_cpu: the engines of cuDNN that glow must not choose do not run", "[cuda_on_cpu]") {
  const Handle h;
  const DeviceVector<char> workspace(4096);
  const DeviceVector<float> x(1), kernel(1), y(1);
  const cudnn::Descriptor graph =
      cudnn::graph({ConvolutionPass::forward, Precision::tf32, 1, 1, 1, 1, 1, 1}, 16, {h.handle, nullptr});
  const cudnn::Descriptor advice =
      cudnn::Descriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
          .set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
          .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A)
          .finish();
  int refused = 0, run = 0;
  for (const auto& settings :
       advice.parts(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR)) {
    const auto plan = cudnn::finalized(settings, {h.handle, nullptr});
    REQUIRE(plan.has_value());
    const bool ran =
        h.run(*plan, {x.data(), kernel.data(), y.data()}, workspace.data()) == CUDNN_STATUS_SUCCESS;
    ++(ran ? run : refused);
  }
  CHECK(refused == 4);
  CHECK(run == 1);
}

TEST_CASE("cuda_on_cpu: cuDNN refuses operands that are not as described", "[cuda_on_cpu]") {
  const Handle h;
  const auto c = convolution(ConvolutionPass::forward);
  const cudnn::Plan plan = h.plan(c),
                    aligned = h.plan(convolution(ConvolutionPass::forward, Precision::tf32));
  const DeviceVector<char> workspace(4096);
  const DeviceVector<float> x(pixels * in + 4), kernel(out * 9 * in), y(pixels * out), small(3);
  const auto run = [&](const cudnn::Plan& by, const float* from, float* to, void* space) {
    return h.run(by, {from, kernel.data(), to}, space);
  };
  CHECK(run(plan, x.data(), y.data(), workspace.data()) == CUDNN_STATUS_SUCCESS);
  CHECK(run(plan, x.data(), small.data(), workspace.data()) == CUDNN_STATUS_EXECUTION_FAILED);
  CHECK(run(plan, x.data(), y.data(), small.data()) == CUDNN_STATUS_EXECUTION_FAILED);
  CHECK(run(aligned, x.data() + 1, y.data(), workspace.data()) == CUDNN_STATUS_BAD_PARAM);
  CHECK(h.run(plan, {x.data(), kernel.data()}, workspace.data()) == CUDNN_STATUS_BAD_PARAM);

  // Tensors that do not fit, and elements of two types, which no engine takes.
  const auto tensor = [](cudnn::Tensor id, cudnnDataType_t type, Index channels) {
    return cudnn::tensor(id, type, {images, channels, height, width}, 16);
  };
  const auto graph = [&](cudnnDataType_t type, Index channels) {
    const auto operation = cudnn::convolution_operation(
        c, tensor(cudnn::Tensor::a, CUDNN_DATA_BFLOAT16, in),
        cudnn::tensor(cudnn::Tensor::b, CUDNN_DATA_BFLOAT16, {out, in, 3, 3}, 16),
        tensor(cudnn::Tensor::result, type, channels));
    const cudnnBackendDescriptor_t handle = operation.get();
    cudnn::Descriptor whole(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    whole.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &handle);
    return whole.finish();
  };
  CHECK_THROWS_AS(graph(CUDNN_DATA_BFLOAT16, out + 1), glow::CudaError);
  const cudnn::Descriptor mixed = graph(CUDNN_DATA_FLOAT, out);
  const cudnn::Descriptor advice =
      cudnn::Descriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR)
          .set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, mixed)
          .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A)
          .finish();
  CHECK(advice.parts(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).empty());
}

TEST_CASE("cuda_on_cpu: cuDNN in a captured graph and on a lazy stream", "[cuda_on_cpu]") {
  Settings s = settings();
  s.lazy_streams = true;
  const WithSettings lazy(s);
  const Handle h;
  const cudnn::Plan plan = h.plan({ConvolutionPass::forward, Precision::full, 1, 1, 1, 1, 1, 1});
  const DeviceVector<char> workspace(4096);
  const DeviceVector<float> x(std::vector<float>{3}), kernel(std::vector<float>{5}), y(std::vector<float>{0});
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  CHECK(cudaStreamBeginCapture(h.stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK(h.run(plan, {x.data(), kernel.data(), y.data()}, workspace.data()) == CUDNN_STATUS_SUCCESS);
  CHECK(cudaStreamEndCapture(h.stream, &graph) == cudaSuccess);
  CHECK(cudaGraphInstantiate(&executable, graph, 0) == cudaSuccess);
  CHECK(y.host()[0] == 0.0f);
  CHECK(cudaGraphLaunch(executable, h.stream) == cudaSuccess);
  CHECK(y.host()[0] == 0.0f);  // the stream does not wait for the default one, nor that for it
  CHECK(cudaStreamSynchronize(h.stream) == cudaSuccess);
  CHECK(y.host()[0] == 15.0f);
  CHECK(cudaGraphExecDestroy(executable) == cudaSuccess);
  CHECK(cudaGraphDestroy(graph) == cudaSuccess);

  CHECK(cudaStreamBeginCapture(h.stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
  CHECK_THROWS_AS(h.plan(convolution(ConvolutionPass::forward)), glow::CudaError);
  CHECK(cudaStreamEndCapture(h.stream, &graph) == cudaErrorStreamCaptureInvalidated);
  cudaGetLastError();
}

TEST_CASE("cuda_on_cpu: a cuDNN of another major version is named with what helps", "[cuda_on_cpu]") {
  CHECK_NOTHROW(cudnn::require_version(CUDNN_VERSION));
  CHECK_NOTHROW(cudnn::require_version(90000));
  try {
    cudnn::require_version(8907);
    FAIL("version 8.9.7 was taken");
  } catch (const glow::CudaError& error) {
    const std::string said = error.what();
    CHECK(said.find("found at run time is 8.9.7") != std::string::npos);
    CHECK(said.find("GLOW_CONV=gather") != std::string::npos);
  }
}
