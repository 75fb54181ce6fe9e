// The graph API of cuDNN, for the graphs that cudnn_graph.hpp knows. It offers what real libraries do, the
// engines that glow must not choose first: one that is not deterministic, one that is compiled at run time,
// one that takes much work space, one that transforms; then one of tensor cores and one without.
#include <algorithm>
#include <string>

#include "cudnn_graph.hpp"
#include "memory.hpp"
#include "runtime.hpp"
#include "stream.hpp"

struct cudnnContext {
  cudaStream_t stream = nullptr;
};

using namespace glow::cuda_on_cpu;

namespace {

struct Engine {
  std::vector<cudnnBackendNumericalNote_t> numbers;
  std::vector<cudnnBackendBehaviorNote_t> behaviour;
  std::int64_t workspace;
  bool tensor_cores, may_run;
};

const std::vector<Engine>& engines() {
  static const auto& all = *new std::vector<Engine>{
      {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, {}, 0, true, false},
      {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, {CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION}, 0, true, false},
      {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, {}, std::int64_t{1} << 30, true, false},
      {{CUDNN_NUMERICAL_NOTE_WINOGRAD}, {}, 0, false, false},
      {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, {}, 1731, true, true},
      {{CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP}, {}, 256, false, true}};
  return all;
}

using Shared = std::shared_ptr<CudnnDescriptor>;

Shared& it(cudnnBackendDescriptor_t handle) {
  refuse_unless(handle != nullptr, CUDNN_STATUS_BAD_PARAM, "a descriptor is null");
  return *static_cast<Shared*>(handle);
}

std::string& last_error() {
  static auto& words = *new std::string;
  return words;
}

// A call: what it refuses becomes its status.
template <class F>
cudnnStatus_t call(F f) {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  try {
    f();
    return CUDNN_STATUS_SUCCESS;
  } catch (const CudnnRefusal& refusal) {
    last_error() = refusal.why;
    if (refusal.status != CUDNN_STATUS_NOT_SUPPORTED) complain("cuDNN: " + refusal.why);
    return refusal.status;
  }
}

void refuse_in_capture(const char* what) {
  refuse_unless(outside_capture() == cudaSuccess, CUDNN_STATUS_EXECUTION_FAILED, what);
}

std::size_t size_of(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_BOOLEAN:
    case CUDNN_TYPE_CHAR:
      return 1;
    case CUDNN_TYPE_DATA_TYPE:
    case CUDNN_TYPE_FLOAT:
    case CUDNN_TYPE_CONVOLUTION_MODE:
    case CUDNN_TYPE_HEUR_MODE:
    case CUDNN_TYPE_POINTWISE_MODE:
    case CUDNN_TYPE_NUMERICAL_NOTE:
    case CUDNN_TYPE_BEHAVIOR_NOTE:
    case CUDNN_TYPE_INT32:
      return 4;
    case CUDNN_TYPE_HANDLE:
    case CUDNN_TYPE_INT64:
    case CUDNN_TYPE_DOUBLE:
    case CUDNN_TYPE_VOID_PTR:
      return 8;
    default:
      throw CudnnRefusal{CUDNN_STATUS_NOT_SUPPORTED, "an attribute of a type that is not known here"};
  }
}

const CudnnDescriptor& graph_of(const CudnnDescriptor& plan) {
  return plan.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)
      .part(CUDNN_ATTR_ENGINECFG_ENGINE)
      .part(CUDNN_ATTR_ENGINE_OPERATION_GRAPH);
}

Shared made(cudnnBackendDescriptorType_t type, int engine) {
  auto d = std::make_shared<CudnnDescriptor>();
  d->type = type;
  d->engine = engine;
  d->finalized = true;
  return d;
}

// The settings of all engines that take the graph, the quickest first.
void advise(CudnnDescriptor& d) {
  auto& results = d.attributes[CUDNN_ATTR_ENGINEHEUR_RESULTS];
  results.type = CUDNN_TYPE_BACKEND_DESCRIPTOR;
  const CudnnConvolution c = read_graph(d.part(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH));
  const bool fallback =
      d.value<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE) == CUDNN_HEUR_MODE_FALLBACK;
  for (int i = 0; c.has_engines() && i < static_cast<int>(engines().size()); ++i) {
    const Engine& e = engines()[static_cast<std::size_t>(i)];
    if (e.tensor_cores ? fallback || !c.fits_tensor_cores() : fallback != e.may_run) continue;
    const Shared engine = made(CUDNN_BACKEND_ENGINE_DESCRIPTOR, i);
    engine->attributes[CUDNN_ATTR_ENGINE_OPERATION_GRAPH] =
        d.attributes.at(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
    const Shared settings = made(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, i);
    settings->attributes[CUDNN_ATTR_ENGINECFG_ENGINE] = {CUDNN_TYPE_BACKEND_DESCRIPTOR, {}, {engine}};
    results.parts.push_back(settings);
  }
}

template <class T>
void give(const std::vector<T>& from, std::int64_t requested, std::int64_t* count, void* to) {
  *count = static_cast<std::int64_t>(from.size());
  for (std::int64_t i = 0; i < std::min(requested, *count); ++i) {
    static_cast<T*>(to)[i] = from[static_cast<std::size_t>(i)];
  }
}

void give_parts(const CudnnDescriptor::Attribute& from, std::int64_t requested, std::int64_t* count,
                void* to) {
  *count = static_cast<std::int64_t>(from.parts.size());
  for (std::int64_t i = 0; i < std::min(requested, *count); ++i) {
    Shared& place = it(static_cast<cudnnBackendDescriptor_t*>(to)[i]);
    const auto& part = from.parts[static_cast<std::size_t>(i)];
    refuse_unless(place->type == part->type, CUDNN_STATUS_BAD_PARAM,
                  "a descriptor to be filled is of another type");
    place = std::const_pointer_cast<CudnnDescriptor>(part);
  }
}

void execute(cudnnHandle_t handle, const CudnnDescriptor& plan, const CudnnDescriptor& pack) {
  refuse_unless(handle != nullptr && plan.finalized && pack.finalized, CUDNN_STATUS_NOT_INITIALIZED,
                "a plan or its operands are not finalized");
  const Engine& engine =
      engines()[static_cast<std::size_t>(plan.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).engine)];
  refuse_unless(engine.may_run, CUDNN_STATUS_EXECUTION_FAILED,
                "an engine that is not deterministic, exact, small and ready made was chosen");
  const CudnnConvolution c = read_graph(graph_of(plan));
  const auto ids = pack.values<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = pack.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  refuse_unless(ids.size() == pointers.size() && ids.size() == c.tensors().size(), CUDNN_STATUS_BAD_PARAM,
                "the operands are not those of the graph");
  std::map<std::int64_t, void*> memory;
  for (std::size_t i = 0; i < ids.size(); ++i) memory[ids[i]] = pointers[i];
  for (const CudnnTensor& t : c.tensors()) {
    refuse_unless(memory.count(t.id) == 1, CUDNN_STATUS_BAD_PARAM, "an operand was not given");
    void* const at = memory[t.id];
    refuse_unless(reinterpret_cast<std::uintptr_t>(at) % static_cast<std::uintptr_t>(t.alignment) == 0,
                  CUDNN_STATUS_BAD_PARAM, "an operand is not aligned as its descriptor says");
    refuse_unless(is_reachable(at, t.bytes()), CUDNN_STATUS_EXECUTION_FAILED,
                  "an operand is not within an allocation on the device");
  }
  const auto bytes = static_cast<std::size_t>(engine.workspace);
  void* const workspace = pack.value<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
  refuse_unless(is_reachable(workspace, bytes), CUDNN_STATUS_EXECUTION_FAILED, "the work space is too small");
  const bool tf32 = engine.tensor_cores;
  const cudaError_t error = enqueue(handle->stream, [=] {
    std::memset(workspace, 0xFF, bytes);
    convolve(c, tf32, memory);
  });
  refuse_unless(error == cudaSuccess, CUDNN_STATUS_EXECUTION_FAILED, "the stream takes no work");
}

}  // namespace

size_t cudnnGetVersion() { return CUDNN_VERSION; }

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS:
      return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED:
      return "CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_BAD_PARAM:
      return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_STATUS_INTERNAL_ERROR";
  }
}

void cudnnGetLastErrorString(char* message, size_t max_size) {
  const std::size_t size = std::min(last_error().size(), max_size - 1);
  std::copy_n(last_error().data(), size, message);
  message[size] = '\0';
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  return call([&] {
    refuse_unless(device_state() == cudaSuccess, CUDNN_STATUS_NOT_INITIALIZED, "no device");
    refuse_in_capture("a handle is made while a stream records a graph");
    *handle = new cudnnContext;
  });
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return CUDNN_STATUS_NOT_INITIALIZED;
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                           cudnnBackendDescriptor_t* descriptor) {
  return call([&] {
    auto d = std::make_shared<CudnnDescriptor>();
    d->type = type;
    *descriptor = new Shared(std::move(d));
  });
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  delete static_cast<Shared*>(descriptor);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count,
                                       const void* elements) {
  return call([&] {
    CudnnDescriptor& d = *it(descriptor);
    refuse_unless(!d.finalized, CUDNN_STATUS_NOT_INITIALIZED, "a finalized descriptor is changed");
    refuse_unless(count > 0 && elements != nullptr, CUDNN_STATUS_BAD_PARAM, "an attribute is empty");
    CudnnDescriptor::Attribute attribute;
    attribute.type = type;
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
      for (int64_t i = 0; i < count; ++i) {
        const Shared part = it(static_cast<const cudnnBackendDescriptor_t*>(elements)[i]);
        refuse_unless(part->finalized, CUDNN_STATUS_BAD_PARAM, "a descriptor is used before it is finalized");
        attribute.parts.push_back(part);
      }
    } else {
      const auto* const from = static_cast<const unsigned char*>(elements);
      attribute.bytes.assign(from, from + static_cast<std::size_t>(count) * size_of(type));
    }
    d.attributes[name] = std::move(attribute);
  });
}

cudnnStatus_t cudnnBackendGetAttribute(const cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                                       int64_t requested, int64_t* count, void* elements) {
  return call([&] {
    const CudnnDescriptor& d = *it(descriptor);
    refuse_unless(d.finalized, CUDNN_STATUS_NOT_INITIALIZED, "a descriptor is asked before it is finalized");
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
      refuse_unless(d.has(name), CUDNN_STATUS_BAD_PARAM, "a descriptor has no such part");
      return give_parts(d.attributes.at(name), requested, count, elements);
    }
    refuse_unless(
        d.type == CUDNN_BACKEND_ENGINE_DESCRIPTOR || d.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR,
        CUDNN_STATUS_NOT_SUPPORTED, "an attribute that is not known here");
    const int number = d.type == CUDNN_BACKEND_ENGINE_DESCRIPTOR
                           ? d.engine
                           : d.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).engine;
    const Engine& engine = engines()[static_cast<std::size_t>(number)];
    if (name == CUDNN_ATTR_ENGINE_NUMERICAL_NOTE) return give(engine.numbers, requested, count, elements);
    if (name == CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE) return give(engine.behaviour, requested, count, elements);
    refuse_unless(name == CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_STATUS_NOT_SUPPORTED,
                  "an attribute that is not known here");
    give(std::vector<std::int64_t>{engine.workspace}, requested, count, elements);
  });
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  return call([&] {
    CudnnDescriptor& d = *it(descriptor);
    refuse_unless(!d.finalized, CUDNN_STATUS_BAD_PARAM, "a descriptor is finalized twice");
    switch (d.type) {
      case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
        read_graph(d);
        break;
      case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
        advise(d);
        break;
      case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
        refuse_in_capture("a plan is made while a stream records a graph");
        refuse_unless(d.has(CUDNN_ATTR_EXECUTION_PLAN_HANDLE), CUDNN_STATUS_BAD_PARAM,
                      "a plan has no handle");
        graph_of(d);
        break;
      default:
        break;
    }
    d.finalized = true;
  });
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                  cudnnBackendDescriptor_t pack) {
  return call([&] { execute(handle, *it(plan), *it(pack)); });
}
