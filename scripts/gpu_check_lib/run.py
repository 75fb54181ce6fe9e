"""Goes through all steps with a prepared folder."""
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

from . import gpu, steps
from .catch import NoTests
from .kit import Kit
from .report import Report
from .result import Failure, Result


@dataclasses.dataclass(frozen=True)
class Limits:
    """Of time, in seconds, and how many tests run side by side."""
    test_seconds: float = 40
    kill_seconds: float = 5
    side_by_side: int = 6
    stretch: float = 1  # what each step's cap is multiplied by

    @staticmethod
    def emulated():
        """The emulation takes hundreds of times as long as a card, and all of the processor."""
        return Limits(test_seconds=600, side_by_side=len(os.sched_getaffinity(0)), stretch=20)


class Deadline:
    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    def left(self):
        return self.end - time.monotonic()


class Run:
    """What steps share: where things are, the limits, and what earlier steps have found."""

    def __init__(self, kit, logs, limits):
        self.kit, self.logs, self.limits = kit, logs, limits
        self.env = kit.environment()
        self.network_kernel = "wgmma"
        self.failing_networks = []  # names of tests, once wgmma has failed
        self.late_peers = []  # that had no time to compile

    def use_network_kernel(self, name):
        """All networks run by this kernel from now on. wgmma is what the card takes by itself."""
        self.network_kernel = name
        self.env.pop("GLOW_NETWORK_KERNEL", None)
        if name != "wgmma":
            self.env["GLOW_NETWORK_KERNEL"] = name


def go_through(step, run, report):
    """One step, whatever goes wrong in it."""
    begin, kernel_that_works = time.monotonic(), run.network_kernel
    cap = step.cap * run.limits.stretch
    if step.network_kernel:
        run.use_network_kernel(step.network_kernel)
    kernel = run.network_kernel
    try:
        # What is still running then has its seconds to end within the cap.
        result = step.run(run, Deadline(cap - run.limits.kill_seconds))
    except NoTests as e:
        result = Result([Failure(step.name, str(e))])
    except Exception as e:  # a fault in one step must leave all others their turn
        result = Result([Failure(step.name, f"gpu_check: {type(e).__name__}: {e}", traceback.format_exc(limit=-2))])
    run.use_network_kernel("mma_sync" if run.failing_networks else kernel_that_works)
    report.add(step.name, cap, time.monotonic() - begin, result, kernel)


def go(kit, out, limits):
    """True if all has passed."""
    run = Run(kit, pathlib.Path(tempfile.mkdtemp(prefix="gpu_check_")), limits)
    report = Report(out, run.logs)
    total = Deadline(steps.MOST_SECONDS * limits.stretch)
    try:
        for step in steps.STEPS:
            if step.due(run):
                go_through(step, run, report)
        for step in filter(lambda step: step.due(run), steps.WITH_WHAT_IS_LEFT):
            cap = step.cap * limits.stretch
            if total.left() < cap:
                report.add(step.name, cap, 0, Result(skipped="no time left"), run.network_kernel)
            else:
                go_through(step, run, report)
    finally:
        shutil.rmtree(run.logs, ignore_errors=True)
    print(report.table(), end="")
    passed = report.all_passed()
    print(("all passed" if passed else "not all passed") + f"; logs are in {out / 'report.tgz'}", flush=True)
    return passed


def main(folder, out):
    """`gpu_check run`: its exit status."""
    try:
        kit = Kit(folder)
        if not kit.emulated:
            print(f"-- {gpu.usable()}", flush=True)
    except RuntimeError as e:
        print(f"gpu_check: {e}", file=sys.stderr)
        return 2
    return 0 if go(kit, out, Limits.emulated() if kit.emulated else Limits()) else 1
