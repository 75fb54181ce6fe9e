#include <atomic>
#include <thread>
#include <vector>

#include "support.hpp"

using namespace glow;
using namespace glow::test;

TEST_CASE("shape: prints, compares and refuses what it cannot hold") {
  CHECK(Shape{8, 4, 1}.str() == "8x4x1");
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{2, 3} == Shape{2, 3});
  CHECK(Shape{2, 3} != Shape{2, 3, 1});
  CHECK(contains(message_of<ShapeError>([] { Shape{1, 2, 3, 4, 5}; }), "rank 5"));
  CHECK(contains(message_of<ShapeError>([] { Shape{2, -1}; }), "-1"));
}

TEST_CASE("shape: a product of extents that wraps, or more bytes than there are addresses, is refused") {
  const Index half = Index{1} << 32, most = (Index{1} << 59) - 1;
  const std::string text = " has more elements than memory can hold";
  CHECK(message_of<ShapeError>([&] { Shape{half, half}; }) == "Shape: 4294967296x4294967296" + text);
  CHECK(contains(message_of<ShapeError>([&] { Shape{half, half, 0}; }), text));  // though it has no element
  CHECK(contains(message_of<ShapeError>([&] { Shape{0, half, half}; }), text));
  CHECK(contains(message_of<ShapeError>([&] { Shape{most + 1}; }), text));
  CHECK(Shape{most}.size() == most);
  Shape s{half};
  CHECK(contains(message_of<ShapeError>([&] { s.push_back(half); }), text));
  CHECK(s == Shape{half});
  CHECK(contains(message_of<ShapeError>([&] { Shape{1, half}.with_batch(half); }), text));
  CHECK(contains(message_of<ShapeError>([&] { Shape{1, half}.with_batch(-1); }), "-1 must not be negative"));
}

TEST_CASE("tensor: copies are deep, moves leave nothing, views share") {
  Tensor<float> a({2, 3});
  CHECK(a[5] == 0);
  Tensor<float> b = a;
  b[0] = 1;
  CHECK(a[0] == 0);
  View<float> v = a.view();
  v[0] = 2;
  CHECK(a[0] == 2);
  const Tensor<float> c = std::move(a);
  CHECK(c[0] == 2);
  CHECK(a.empty());
  CHECK(contains(message_of<ShapeError>([&] { v.as({4}); }), "cannot view 2x3 as 4"));
  CHECK(contains(message_of<ShapeError>([&] { v.samples(1, 2); }), "samples 1 to 3 of 2x3"));
  Tensor<float> d({3, 2});
  CHECK(contains(message_of<ShapeError>([&] { copy(View<const float>(c), d.view()); }), "2x3 into 3x2"));
}

TEST_CASE("arena: scopes nest, memory is aligned and kept") {
  Arena<> arena;
  const auto round = [&] {
    const auto outer = arena.mark();
    void* a = arena.allocate(100);
    const auto inner = arena.mark();
    void* b = arena.allocate(1 << 20);
    arena.release(inner);
    void* c = arena.allocate(1 << 18);
    CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
    CHECK(b == c);
    arena.release(outer);
  };
  round();
  const auto growths = arena.growths();
  round();
  round();
  CHECK(arena.growths() == growths);
}

TEST_CASE("arena: holds what was in use at most, and no more") {
  Arena<> arena;
  constexpr std::size_t unit = 1 << 18;
  const auto outer = arena.mark();
  arena.allocate(4 * unit);
  const auto inner = arena.mark();
  arena.allocate(unit);
  arena.allocate(unit);
  CHECK(arena.capacity() == 6 * unit);
  arena.release(inner);
  arena.allocate(3 * unit);  // in place of the two, which are too small
  CHECK(arena.capacity() == 7 * unit);
  arena.release(inner);
  arena.allocate(unit);
  arena.release(outer);
  CHECK(arena.capacity() == 7 * unit);
  const auto growths = arena.growths();
  arena.allocate(7 * unit);
  arena.release(outer);
  CHECK(arena.growths() == growths);
}

TEST_CASE("parallel: every task runs once, nested loops too, on any number of threads") {
  const int before = threads();
  for (const int n : {1, 2, 5}) {
    set_threads(n);
    CHECK(threads() == n);
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::vector<std::atomic<int>> hits(1000);
      parallel_for(100, [&](Index i) {
        parallel_for(10, [&](Index j) { ++hits[static_cast<std::size_t>(i * 10 + j)]; });
      });
      CHECK(std::all_of(hits.begin(), hits.end(), [](const auto& h) { return h == 1; }));
    }
  }
  set_threads(before);
}

TEST_CASE("parallel: a task's exception reaches the caller, and the pool goes on") {
  const int before = threads();
  set_threads(3);
  CHECK(message_of([] { parallel_for(100, [](Index i) { require(i != 57, "task ", i); }); }) == "task 57");
  std::atomic<int> n = 0;
  parallel_for(100, [&](Index) { ++n; });
  CHECK(n == 100);
  CHECK(contains(message_of([] { set_threads(0); }), "threads: 0 must be 1 to 1024"));
  set_threads(before);
}

TEST_CASE("parallel: loops of several threads at once do not disturb each other") {
  std::vector<std::thread> callers;
  std::atomic<long> total = 0;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&] {
      for (int r = 0; r < 200; ++r) parallel_for(20, [&](Index i) { total += i; });
    });
  }
  for (auto& c : callers) c.join();
  CHECK(total == 4L * 200 * 190);
}
