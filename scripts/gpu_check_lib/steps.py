"""The steps, in their order and with their caps in seconds. A step gets (run, deadline) and gives a Result."""
import dataclasses
import shutil
from typing import Callable

from . import measure
from .catch import names, result_of, test_all
from .kit import PROGRAMS, folders_of, missing_libraries
from .process import run_one, text_of
from .result import Failure, Result, Worst, worst_of

#: What a run takes at most. The caps of STEPS are within it, and what they leave goes to WITH_WHAT_IS_LEFT.
MOST_SECONDS = 555


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    cap: float
    run: Callable
    network_kernel: str = None  # of this step; else the one that works
    due: Callable = lambda run: True


def machine(run, deadline):
    """Says what is here, and looks for shared libraries that the loader does not find by itself."""
    said = []
    for command in (["nvidia-smi"], ["lscpu"], ["nvcc", "--version"], ["python3", "--version"]):
        if shutil.which(command[0], path=run.env["PATH"]):
            run_one(command, run.logs / f"machine_{command[0]}.txt", min(5, deadline.left()), 1, run.env)
        else:
            said.append(f"no {command[0]}")
    programs = [run.kit.folder / name for name in PROGRAMS]
    missing = {library for program in programs if program.exists() for library in missing_libraries(program, run.env)}
    if folders_of(missing):
        # An empty folder among them would be the current one.
        run.env["LD_LIBRARY_PATH"] = ":".join(filter(None, [*folders_of(missing), run.env.get("LD_LIBRARY_PATH")]))
        said.append(f"LD_LIBRARY_PATH={run.env['LD_LIBRARY_PATH']}")
    result = Result(detail=", ".join(said))
    for program in programs:
        if not program.exists():
            result.failed.append(Failure(program.name, "is not in the folder"))
            continue
        for library in missing_libraries(program, run.env):
            result.failed.append(Failure(program.name, f"missing library {library}", "ldd does not find it"))
    return result


def most_tests(run, deadline):
    program = run.kit.program("cuda_gpu_tests")
    # Catch2 leaves hidden tests in where a specification only says what not to take.
    chosen = names(program, "~[network]~[trainer]~[card]", run.env)
    return result_of(test_all([program], chosen, run, deadline, "tests", run.limits.side_by_side))


def wgmma(run, deadline):
    """Small shapes in the debug form, where a wait in vain ends soon and says where. Then all alone on the card, and the stress
    tests. After a failure, all networks run by mma.sync."""
    program = run.kit.program("cuda_gpu_tests")
    tested = test_all([program], names(program, "[network]~[large]~[card]", run.env), run, deadline, "wgmma_debug",
                      run.limits.side_by_side, run.kit.with_debug_form(run.env))
    failing = [t.name for t in tested if t.ended and t.ended.how]
    others = [name for name in names(program, "[network]~[card]", run.env) if name not in failing]
    tested += test_all([program], others, run, deadline, "wgmma", 1)
    if not run.kit.emulated and not any(t.ended and t.ended.how for t in tested):
        tested += test_all([program], names(program, "[card]", run.env), run, deadline, "wgmma_stress", 1)
    result = result_of(tested)
    if result.failed:
        run.failing_networks = [f.name for f in result.failed]
        result.detail += "; from here on networks run by mma.sync"
    return result


def mma_sync(run, deadline):
    program = run.kit.program("cuda_gpu_tests")
    return result_of(test_all([program], names(program, "[network]~[card]", run.env), run, deadline, "mma_sync",
                              run.limits.side_by_side))


def sanitized(tool, run, deadline, chosen):
    """Test cases under a tool of compute-sanitizer."""
    found = shutil.which("compute-sanitizer", path=run.env["PATH"] + ":/usr/local/cuda/bin")
    if not found:
        return Result([Failure("compute-sanitizer", "is not on this machine")])
    command = [found, "--tool", tool, "--error-exitcode", "1", run.kit.program("cuda_gpu_tests")]
    return result_of(test_all(command, chosen, run, deadline, tool, run.limits.side_by_side))


def memcheck_of_failing(run, deadline):
    return sanitized("memcheck", run, deadline, run.failing_networks[:1])


def sanitizer_step(tool):
    """On the small shapes of networks."""
    def step(run, deadline):
        chosen = names(run.kit.program("cuda_gpu_tests"), "[network]~[large]~[card]", run.env)
        return sanitized(tool, run, deadline, chosen)
    return step


def parity(run, fixture, deadline):
    """A Result of one file of golden numbers."""
    log = run.logs / f"parity_{fixture.stem}.txt"
    ended = run_one([run.kit.program("parity_fixture"), fixture, "--device", "cuda"], log,
                    min(run.limits.test_seconds, deadline.left()), run.limits.kill_seconds, run.env)
    quantities = [line.split() for line in text_of(log).splitlines() if " of at most " in line]
    worst = worst_of(Worst(float(words[-5]), float(words[-1]), f"{fixture.stem}: {words[1]}") for words in quantities)
    wrong = [words[1] for words in quantities if words[0] == "WRONG"]
    failed = [Failure(f"parity_fixture {fixture.stem}", ended.how, ", ".join(wrong)[:300])] if ended.how else []
    return Result(failed, worst, detail=f"{len(quantities)} quantities")


def parity_and_trainer(run, deadline):
    program = run.kit.program("cuda_gpu_tests")
    files = [parity(run, fixture, deadline) for fixture in run.kit.fixtures()]
    tested = result_of(test_all([program], names(program, "[trainer]", run.env), run, deadline, "trainer",
                                run.limits.side_by_side))
    parts = [*files, tested]
    return Result([f for part in parts for f in part.failed], worst_of(part.worst for part in parts), tested.cut,
                  ", ".join(part.detail for part in parts))


def needs_gpu(run):
    return not run.kit.emulated


STEPS = [
    Step("machine, ldd", 10, machine),
    Step("tests but bf16 networks", 70, most_tests),
    Step("wgmma", 60, wgmma, network_kernel="wgmma"),
    Step("memcheck on what failed", 30, memcheck_of_failing, network_kernel="wgmma", due=lambda run: run.failing_networks),
    Step("mma.sync", 30, mma_sync, network_kernel="mma_sync"),
    Step("parity, trainer", 40, parity_and_trainer),
    Step("rates, networks, training", 110, measure.benchmarks),
    Step("ncu on the network", 50, measure.profile),
    Step("memcheck", 60, sanitizer_step("memcheck")),
    Step("peers", 90, measure.peers),
]

#: Each is begun only if there is time for all of its cap.
WITH_WHAT_IS_LEFT = [
    Step("peers that were late", 130, measure.late_peers, due=lambda run: run.late_peers),
    Step("torch.compile", 110, measure.torch_compile, due=needs_gpu),
    Step("racecheck", 40, sanitizer_step("racecheck")),
    Step("initcheck", 40, sanitizer_step("initcheck")),
    Step("synccheck", 40, sanitizer_step("synccheck")),
    Step("full and tf32", 80, measure.other_precisions),
    Step("kernels, sampling, memory", 60, measure.other_benchmarks),
    Step("digits", 40, measure.digits),
]
