// What the threads of a warpgroup do together: issue products by wgmma, give and take registers.
#include <cstdlib>

#include "async_proxy.hpp"
#include "scheduler_state.hpp"

namespace glow::cuda_on_cpu {

namespace {

constexpr unsigned group_warps = 4, group_threads = 32 * group_warps;

// The calling thread's warpgroup by its first warp, of all warps of the cluster. Fails unless it is whole.
unsigned first_warp_of_group(Site site) {
  const Scheduler& s = scheduler;
  const unsigned begin = s.rank() * s.block_threads;
  const unsigned first = (s.current - begin) / group_threads * group_threads;
  if (first + group_threads > s.block_threads) fail_thread(site, "the warpgroup has fewer than four warps");
  return (begin + first) / 32;
}

IssuedProduct& issued_of(unsigned warp, std::uint64_t number) {
  IssuedProduct*& products = scheduler.issued[warp];
  if (products == nullptr) {
    products = static_cast<IssuedProduct*>(std::calloc(most_open_products, sizeof(IssuedProduct)));
    if (products == nullptr) std::abort();
  }
  return products[number % most_open_products];
}

bool same_operands(const IssuedProduct& x, const Wgmma& y) {
  return x.a == y.a && x.b == y.b && x.columns == y.columns;
}

bool same(const uint4& x, const uint4& y) { return x.x == y.x && x.y == y.y && x.z == y.z && x.w == y.w; }

// Reads rows from `first` on as they are now. Fails where they hold what was stored without a proxy fence.
void read_rows(const WgmmaOperand& operand, unsigned first, unsigned count, uint4 (*to)[2], Site site) {
  const SharedWindow window = shared_window();
  const char* const shadow = shadow_of_dynamic_memory();
  for (unsigned row = 0; row < count; ++row) {
    for (unsigned half = 0; half < 2; ++half) {
      const char* const from = window.at(operand.address(first + row, half));
      to[row][half] = *reinterpret_cast<const uint4*>(from);
      const auto& visible = *reinterpret_cast<const uint4*>(shadow + (from - window.memory));
      if (!same(to[row][half], visible)) check_fenced(scheduler.rank(), from, sizeof(uint4), site);
    }
  }
}

// By the first lane of a warp.
void issue(const Wgmma& x, unsigned group, Site site) {
  Scheduler& s = scheduler;
  const unsigned mine = s.current / 32;
  for (const std::uint64_t descriptor : {x.a, x.b}) {
    if (const char* fault = WgmmaOperand::fault(descriptor)) fail_thread(site, "%s", fault);
  }
  for (unsigned w = group; w < group + group_warps; ++w) {
    const IssuedProduct& other = issued_of(w, x.number);
    if (other.cluster == s.serial && other.number == x.number && !same_operands(other, x)) {
      fail_thread(site, "the warps of a warpgroup differ in a product");
    }
    if (s.warp[w].live != ~0u && s.warp[w].issued_products < x.number) {
      fail_thread(site, "a thread has ended without a product of its warpgroup");
    }
  }
  if (x.number - s.warp[mine].finished_products > most_open_products) {
    fail_thread(site, "more than %u products are open", most_open_products);
  }
  IssuedProduct& to = issued_of(mine, x.number);
  to.cluster = s.serial;
  to.number = x.number;
  to.a = x.a;
  to.b = x.b;
  to.columns = x.columns;
  read_rows(WgmmaOperand(x.a), 16 * (mine - group), 16, to.left, site);
  read_rows(WgmmaOperand(x.b), 0, static_cast<unsigned>(x.columns), to.right, site);
  s.warp[mine].issued_products = x.number;
  s.any_products = true;
}

}  // namespace

void begin_wgmma(const Wgmma& product, Site site) {
  Scheduler& s = scheduler;
  Thread& t = s.thread[s.current];
  if (!t.wgmma_fenced) fail_thread(site, "there is no wgmma_fence before the first product");
  Wgmma x = product;
  x.number = ++t.products;
  const unsigned warp = s.current / 32;
  if (x.number > s.warp[warp].issued_products) {
    issue(x, first_warp_of_group(site), site);
  } else if (!same_operands(issued_of(warp, x.number), x)) {
    fail_thread(site, "the lanes of a warp differ in a product");
  }
  s.products[s.current].begin(x);
}

void commit_wgmmas() { scheduler.products[scheduler.current].commit(); }
void fence_wgmma() { scheduler.thread[scheduler.current].wgmma_fenced = true; }

const IssuedProduct& issued_product(std::uint64_t number) {
  return issued_of(scheduler.current / 32, number);
}

bool take_due_products(int allowed, WarpProduct* product, Site site) {
  Scheduler& s = scheduler;
  const unsigned warp = s.current / 32;
  unsigned due = 0;  // lanes
  bool same_product = true;
  for (unsigned lane = 0; lane < 32; ++lane) {
    Wgmma x;
    if (!s.products[32 * warp + lane].take_due(allowed, &x)) continue;
    same_product &= due++ == 0 || x.number == product->number;
    product->number = x.number;
    product->d[lane] = x.d;
  }
  if (due == 0) return false;
  if (due != 32 || !same_product) {
    fail_thread(site, "the lanes of a warp differ in the products that they wait for");
  }
  s.warp[warp].finished_products = product->number;
  return true;
}

void end_products() {
  const Scheduler& s = scheduler;
  const unsigned begin = s.rank() * s.block_threads;
  const unsigned first = (s.current - begin) / group_threads * group_threads;
  if (first + group_threads > s.block_threads) return;
  for (unsigned i = 0; i < group_warps; ++i) {
    if (s.warp[(begin + first) / 32 + i].issued_products > s.thread[s.current].products) {
      fail_thread("wgmma", "a thread has ended without a product of its warpgroup");
    }
  }
}

void set_registers(unsigned registers, bool grow, Site site) {
  Scheduler& s = scheduler;
  Block& b = s.here();
  RegisterRequest& group = s.register_request[first_warp_of_group(site)];
  if (group.arrived == 0) {
    group.registers = registers;
    group.grow = grow;
  } else if (group.registers != registers || group.grow != grow) {
    fail_thread(site, "the threads of a warpgroup ask for different numbers of registers");
  }
  if (++group.arrived < group_threads) return s.wait_for(&group, site);
  const unsigned before = group.held == 0 ? b.registers : group.held;
  if (grow ? registers < before : registers > before) {
    fail_thread(site, "%u registers are %s than the %u that a thread has", registers, grow ? "fewer" : "more",
                before);
  }
  if (grow) {
    const unsigned more = (registers - before) * group_threads;
    while (b.spare_registers < more) s.wait_for(&b.spare_registers, site);
    b.spare_registers -= more;
  } else {
    b.spare_registers += (before - registers) * group_threads;
    s.wake(&b.spare_registers);
  }
  group.held = registers;
  group.arrived = 0;
  s.wake(&group);
}

}  // namespace glow::cuda_on_cpu
