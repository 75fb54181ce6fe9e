// Which ops containers call where neighbouring layers have one together. Layers here are letters that write
// themselves down; an op of several writes them in brackets.
#include <glow/glow.hpp>

#include "../catch.hpp"

namespace glow::test {
namespace {

std::string written;

template <class Leaf>
struct NoLetters {
  template <class F>
  void visit(F&&) {}
};

template <char name>
struct Letter {
  template <class Leaf>
  using Params = NoLetters<Leaf>;

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
};
using A = Letter<'a'>;
using B = Letter<'b'>;
using C = Letter<'c'>;

// A capital letter where it keeps a record, and where it takes one back.
struct K {
  template <class Leaf>
  using Params = NoLetters<Leaf>;

  template <class T, class D>
  void forward(const Params<View<T, D>>&, View<T, D>, PassOf<T, D> pass) const {
    if (pass.kept != nullptr) pass.kept->push({});
    written += pass.kept != nullptr ? 'K' : 'k';
  }
  template <class T, class D>
  void inverse(const Params<View<T, D>>&, View<T, D>, PassOf<T, D>) const {
    written += 'k';
  }
  template <class T, class D>
  void backward(const Params<View<T, D>>&, Params<View<T, D>>&, View<T, D>, View<T, D>,
                PassOf<T, D> pass) const {
    if (pass.kept != nullptr) pass.kept->pop();
    written += pass.kept != nullptr ? 'K' : 'k';
  }
};

using P = NoLetters<View<double>>;

void fused_forward(const A&, const B&, const P&, const P&, View<double>, Pass<double>) { written += "(ab)"; }
void fused_inverse(const A&, const B&, const P&, const P&, View<double>, Pass<double>) { written += "(ab)"; }
void fused_backward(const A&, const B&, const P&, const P&, P&, P&, View<double>, View<double>,
                    Pass<double>) {
  written += "(ab)";
}
void fused_forward(const C&, const A&, const B&, const P&, const P&, const P&, View<double>, Pass<double>) {
  written += "(cab)";
}
void fused_inverse(const A&, const B&, const C&, const P&, const P&, const P&, View<double>, Pass<double>) {
  written += "(abc)";
}
void fused_forward(const K&, const A&, const P&, const P&, View<double>, Pass<double> pass) {
  written += pass.kept != nullptr ? "(Ka)" : "(ka)";
}

struct Verbs {
  std::string forward, inverse, backward;
  bool operator==(const Verbs&) const = default;
};

// What the layer's verbs write.
template <class L>
Verbs verbs(const L& layer, Kept<Cpu>* kept = nullptr) {
  auto p = blank_params<View<double>>(layer), grad = p;
  View<double> x, dx;
  const Pass<double> pass(View<double>(), kept);
  const auto text = [](auto run) {
    written.clear();
    run();
    return written;
  };
  return {text([&] { layer_forward<L, double, Cpu>(layer, p, x, pass); }),
          text([&] { layer_inverse<L, double, Cpu>(layer, p, x, View<double>()); }),
          text([&] { layer_backward<L, double, Cpu>(layer, p, grad, x, dx, pass); })};
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

TEST_CASE("pass: what training keeps reaches layers and ops of several, in containers too") {
  Kept<Cpu> kept(Activations::fast, 0);
  CHECK(verbs(Flow<A, B, K>()) == Verbs{"(ab)k", "k(ab)", "k(ab)"});
  CHECK(verbs(Flow<A, B, K>(), &kept) == Verbs{"(ab)K", "k(ab)", "K(ab)"});
  CHECK(verbs(Repeat<Flow<A, B, K>>(2), &kept) == Verbs{"(ab)K(ab)K", "k(ab)k(ab)", "K(ab)K(ab)"});
  CHECK(verbs(Repeat<Flow<A, B, C>>(2), &kept).forward == "(ab)(cab)c");
  CHECK(verbs(Flow<K, A>()).forward == "(ka)");
  CHECK(verbs(Flow<K, A>(), &kept).forward == "(Ka)");
}

}  // namespace glow::test
