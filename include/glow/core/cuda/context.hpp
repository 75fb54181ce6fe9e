// What CUDA ops run on: a stream, and handles of libraries bound to it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <glow/core/cuda/blas_library.hpp>
#include <glow/core/cuda/convolution_form.hpp>
#include <glow/core/cuda/stream.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// A stream of work on the current GPU, with a cuBLAS handle that uses it. The stream is independent of the
/// legacy default stream. Every thread has one of its own, `current`, unless a ContextScope sets another.
class Context {
 public:
  /// Throws CudaError where no GPU works, or cuBLAS is not found.
  Context() {
    const BlasLibrary& library = blas_library();
    check(library.create(&blas_), "making a handle");
    check(library.set_stream(blas_, stream()), "setting the stream");
    // Fixed memory for cuBLAS: its results do not depend on it, but work that is captured in a graph must.
    check(cudaMalloc(&workspace_, workspace_bytes), "memory for cuBLAS");
    check(library.set_workspace(blas_, workspace_, workspace_bytes), "setting its memory");
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    // At the end of a program the driver may be gone already; there is nobody left to tell.
    blas_library().destroy(blas_);
    cudaFree(workspace_);
  }

  /// Memory of the GPU that cuBLAS has: NVIDIA's advice for Hopper.
  static constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

  cudaStream_t stream() const { return stream_.stream(); }
  cublasHandle_t blas() const { return blas_; }

  /// The form of all 3x3 convolutions in float, instead of what ops/cuda/convolution_choice.hpp says; at
  /// first what GLOW_CONV asks for. Weights are packed for a form: prepare a model anew after a change.
  std::optional<ConvolutionForm> convolution_form = requested_convolution_form();

  /// The T that ops keep beside the stream, made as T(stream) at the first call; it ends with the context.
  template <class T>
  T& attached() {
    static constexpr char key = 0;  // of each T another
    for (auto& [k, value] : attached_) {
      if (k == &key) return *static_cast<T*>(value.get());
    }
    attached_.emplace_back(&key, std::make_shared<T>(stream()));
    return *static_cast<T*>(attached_.back().second.get());
  }

  /// Waits until all work is done; throws CudaError if any of it failed.
  void synchronize() const { check(cudaStreamSynchronize(stream()), "waiting for a stream"); }

  /// The context of the calling thread, made at the first call.
  static Context& current() {
    if (existing() == nullptr) own() = std::make_unique<Context>();
    return *existing();
  }
  /// The same if there is one yet, else null: where memory is only counted there need be no GPU.
  static Context* existing() { return slot() != nullptr ? slot() : own().get(); }

 private:
  friend class ContextScope;
  static std::unique_ptr<Context>& own() {
    static thread_local std::unique_ptr<Context> context;
    return context;
  }
  static Context*& slot() {
    static thread_local Context* context = nullptr;
    return context;
  }

  Stream stream_;
  cublasHandle_t blas_ = nullptr;
  void* workspace_ = nullptr;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> attached_;
};

/// While it lives, `context` is the calling thread's current one.
class ContextScope {
 public:
  explicit ContextScope(Context& context) : before_(std::exchange(Context::slot(), &context)) {}
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  ~ContextScope() { Context::slot() = before_; }

 private:
  Context* before_;
};

/// While it lives, 3x3 convolutions on the calling thread's context run in `form`.
class ConvolutionFormScope {
 public:
  explicit ConvolutionFormScope(ConvolutionForm form)
      : context_(Context::current()), before_(std::exchange(context_.convolution_form, form)) {}
  ConvolutionFormScope(const ConvolutionFormScope&) = delete;
  ConvolutionFormScope& operator=(const ConvolutionFormScope&) = delete;
  ~ConvolutionFormScope() { context_.convolution_form = before_; }

 private:
  Context& context_;
  std::optional<ConvolutionForm> before_;
};

/// The stream of the calling thread's context.
inline cudaStream_t stream() { return Context::current().stream(); }

}  // namespace glow::cuda
