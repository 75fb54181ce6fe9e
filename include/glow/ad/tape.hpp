// Tape: reverse-mode differentiation over tensors. Operations on Vars compute at once and note how to pull a
// gradient back; the notes are run in reverse. Values, adjoints and notes lie in an arena that is kept
// between uses. After: B. Carpenter et al., The Stan Math Library: Reverse-Mode Automatic Differentiation in
// C++, arXiv:1509.07164.
#pragma once

#include <new>
#include <type_traits>

#include <glow/ad/var.hpp>
#include <glow/core/arena.hpp>
#include <glow/ops/cpu/pointwise.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Whether a tape notes how to pull gradients back (`yes`), or only computes (`no`).
enum class Recording { yes, no };

/// A recording of operations on Vars. Tapes of a thread nest: the last made is the only one in use, and the
/// first to go. After its first round a repeated computation allocates nothing.
template <class T, class D = Cpu>
class Tape {
 public:
  explicit Tape(Recording recording = Recording::yes)
      : recording_(recording), mark_(arena().mark()), note_mark_(notes().mark()) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() {
    arena().release(mark_);
    notes().release(note_mark_);
  }

  /// The calling thread's memory for tapes; apart from Arena::local, whose stack order temporaries of
  /// operations follow.
  static Arena<D>& arena() { return Workspace<D>::current().tape; }

  /// A tensor held elsewhere whose gradient is to be added to `grad` (of the same shape).
  Var<T, D> leaf(View<T, D> value, View<T, D> grad) {
    require<ShapeError>(value.shape() == grad.shape(), "Tape::leaf: value ", value.shape(), " and gradient ",
                        grad.shape(), " differ in shape");
    return {this, value, recording_ == Recording::yes ? grad : View<T, D>()};
  }
  /// A tensor held elsewhere to which no gradient flows.
  Var<T, D> constant(View<T, D> value) { return {this, value, {}}; }
  /// A tensor held elsewhere with an adjoint on the tape, zero at first.
  Var<T, D> variable(View<T, D> value) { return {this, value, zeros(value.shape(), true)}; }

  /// For operations: a result of shape `shape` to be written, with an adjoint if `differentiable`.
  Var<T, D> result(const Shape& shape, bool differentiable) {
    return {this, memory(shape), zeros(shape, differentiable)};
  }

  /// For operations: notes `pull`, to be called in reverse order by pull_back. It may hold Vars, numbers and
  /// the like.
  template <class Pull>
  void note(Pull pull) {
    static_assert(std::is_trivially_destructible_v<Pull>,
                  "glow: notes on a tape are dropped, never destroyed");
    if (recording_ == Recording::no) return;
    void* at = notes().allocate(sizeof(NoteOf<Pull>));
    last_ = new (at) NoteOf<Pull>{{[](Note* n) { static_cast<NoteOf<Pull>*>(n)->pull(); }, last_}, pull};
  }

  /// Pulls the adjoints that the caller put into the grad() of results back to all that they were computed
  /// from.
  void pull_back() {
    for (Note* n = last_; n != nullptr; n = n->previous) n->run(n);
    last_ = nullptr;
  }
  /// The same for a result of one element, whose adjoint is set to 1.
  void pull_back(Var<T, D> out) {
    require<ShapeError>(out.value().size() == 1, "Tape::pull_back: a result of shape ", out.shape(),
                        " needs its adjoint set by the caller");
    if (out.grad().empty()) return;
    fill(out.grad(), T(1));
    pull_back();
  }

 private:
  static Arena<Cpu>& notes() { return Workspace<D>::current().tape_notes; }

  struct Note {
    void (*run)(Note*);
    Note* previous;
  };
  template <class Pull>
  struct NoteOf : Note {
    Pull pull;
  };

  View<T, D> memory(const Shape& shape) {
    return {static_cast<T*>(arena().allocate(static_cast<std::size_t>(shape.size()) * sizeof(T))), shape};
  }
  View<T, D> zeros(const Shape& shape, bool wanted) {
    if (!wanted || recording_ == Recording::no) return {};
    const View<T, D> z = memory(shape);
    clear(z);
    return z;
  }

  Recording recording_;
  typename Arena<D>::Mark mark_;
  Arena<Cpu>::Mark note_mark_;
  Note* last_ = nullptr;
};

}  // namespace glow
