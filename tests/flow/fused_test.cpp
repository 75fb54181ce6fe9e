// Which ops containers call where neighbouring layers have one together. Layers here are letters that write
// themselves down; an op of several writes them in brackets.
#include <glow/glow.hpp>

#include "../catch.hpp"

namespace glow::test {
namespace {

std::string written;

template <char name, bool keeps = false>
struct Letter {
  template <class Leaf>
  struct Params {
    template <class F>
    void visit(F&&) {}
  };
  template <class T, class D>
  void forward(const Params<View<T, D>>&, View<T, D>, View<T, D>) const {
    written += name;
  }
  template <class T, class D>
  void inverse(const Params<View<T, D>>&, View<T, D>, View<T, D>) const {
    written += name;
  }
  template <class T, class D>
  void backward(const Params<View<T, D>>&, Params<View<T, D>>&, View<T, D>, View<T, D>, View<T, D>) const {
    written += name;
  }
  template <class T, class D>
  void forward(const Params<View<T, D>>&, View<T, D>, View<T, D>, Kept<D>& kept) const requires keeps {
    kept.push({});
    written += static_cast<char>(name - 'a' + 'A');
  }
  template <class T, class D>
  void backward(const Params<View<T, D>>&, Params<View<T, D>>&, View<T, D>, View<T, D>, View<T, D>,
                Kept<D>& kept) const requires keeps {
    kept.pop();
    written += static_cast<char>(name - 'a' + 'A');
  }
};
using A = Letter<'a'>;
using B = Letter<'b'>;
using C = Letter<'c'>;
using KeepingC = Letter<'c', true>;

template <class L>
using P = typename L::template Params<View<double>>;

void fused_forward(const A&, const B&, const P<A>&, const P<B>&, View<double>, View<double>) {
  written += "(ab)";
}
void fused_inverse(const A&, const B&, const P<A>&, const P<B>&, View<double>, View<double>) {
  written += "(ab)";
}
void fused_backward(const A&, const B&, const P<A>&, const P<B>&, P<A>&, P<B>&, View<double>, View<double>,
                    View<double>) {
  written += "(ab)";
}
template <bool keeps>
void fused_forward(const Letter<'c', keeps>&, const A&, const B&, const P<Letter<'c', keeps>>&, const P<A>&,
                   const P<B>&, View<double>, View<double>) {
  written += "(cab)";
}
void fused_inverse(const A&, const B&, const C&, const P<A>&, const P<B>&, const P<C>&, View<double>,
                   View<double>) {
  written += "(abc)";
}

struct Verbs {
  std::string forward, inverse, backward;
  bool operator==(const Verbs&) const = default;
};

// What the layer's verbs write.
template <class L, class... Keep>
Verbs verbs(const L& layer, Keep&... kept) {
  auto p = blank_params<View<double>>(layer), grad = p;
  View<double> x, dx;
  const auto text = [](auto run) {
    written.clear();
    run();
    return written;
  };
  return {text([&] { layer_forward<L, double, Cpu>(layer, p, x, View<double>(), kept...); }),
          text([&] { layer_inverse<L, double, Cpu>(layer, p, x, View<double>()); }),
          text([&] { layer_backward<L, double, Cpu>(layer, p, grad, x, dx, View<double>(), kept...); })};
}

std::ostream& operator<<(std::ostream& out, const Verbs& v) {
  return out << v.forward << ' ' << v.inverse << ' ' << v.backward;
}

}  // namespace

TEST_CASE("fused: a Flow takes the longest op from the left") {
  CHECK(verbs(Flow<A, B>()) == Verbs{"(ab)", "(ab)", "(ab)"});
  CHECK(verbs(Flow<B, A>()) == Verbs{"ba", "ab", "ab"});
  CHECK(verbs(Flow<A, B, C>()) == Verbs{"(ab)c", "(abc)", "c(ab)"});
  CHECK(verbs(Flow<C, A, B>()) == Verbs{"(cab)", "(ab)c", "(ab)c"});
  CHECK(verbs(Flow<A, B, C, A, B, C>()) == Verbs{"(ab)(cab)c", "(abc)(abc)", "c(ab)c(ab)"});
  CHECK(verbs(Flow<A, A, B, B, C>()) == Verbs{"a(ab)bc", "cb(ab)a", "cb(ab)a"});
}

TEST_CASE("fused: an op reaches from one step of a Repeat to the next") {
  using Abc = Flow<A, B, C>;
  CHECK(verbs(Repeat<Abc>(1)) == Verbs{"(ab)c", "(abc)", "c(ab)"});
  CHECK(verbs(Repeat<Abc>(3)) == Verbs{"(ab)(cab)(cab)c", "(abc)(abc)(abc)", "c(ab)c(ab)c(ab)"});
  CHECK(verbs(Repeat<Flow<A, B, A, C>>(2)).forward == "(ab)a(cab)ac");
  CHECK(verbs(Repeat<Flow<A, B, A, B, C>>(2)).forward == "(ab)(ab)(cab)(ab)c");
}

TEST_CASE("fused: other steps of a Repeat run one after another") {
  CHECK(verbs(Repeat<A>(3)) == Verbs{"aaa", "aaa", "aaa"});
  CHECK(verbs(Repeat<Flow<>>(2)) == Verbs{"", "", ""});
  CHECK(verbs(Repeat<Flow<A, B>>(2)) == Verbs{"(ab)(ab)", "(ab)(ab)", "(ab)(ab)"});
  CHECK(verbs(Repeat<Flow<C, A, B>>(2)) == Verbs{"(cab)(cab)", "(ab)c(ab)c", "(ab)c(ab)c"});
  CHECK(verbs(Repeat<Flow<B, A, C>>(2)).forward == "bacbac");
  CHECK(verbs(Repeat<Flow<Flow<A, B, C>>>(2)) == Verbs{"(ab)c(ab)c", "(abc)(abc)", "c(ab)c(ab)"});
  CHECK(verbs(Repeat<Flow<Flow<A, B>, C>>(2)) == Verbs{"(ab)c(ab)c", "c(ab)c(ab)", "c(ab)c(ab)"});
}

TEST_CASE("fused: a layer that keeps records is left to itself in training") {
  using AbKeepingC = Flow<A, B, KeepingC>;
  Kept<Cpu> kept(Activations::fast, 0);
  CHECK(verbs(Repeat<AbKeepingC>(2)).forward == "(ab)(cab)c");
  CHECK(verbs(Repeat<AbKeepingC>(2), kept) == Verbs{"(ab)C(ab)C", "c(ab)c(ab)", "C(ab)C(ab)"});
  CHECK(verbs(Flow<KeepingC, A, B>(), kept) == Verbs{"C(ab)", "(ab)c", "(ab)C"});
  CHECK(verbs(Repeat<Flow<A, B, C>>(2), kept).forward == "(ab)(cab)c");
}

}  // namespace glow::test
