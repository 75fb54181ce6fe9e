"""Tests of scripts/gpu_check without a GPU: gpu_check_test.py PLANTED_TESTS PLANTED_PROGRAM PLANTED_LIBRARY

A folder is laid out as `gpu_check prepare` does, with programs that go wrong as the variable PLANTED says.
"""
import contextlib
import ctypes
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))
from gpu_check_lib import catch, measure, prepare, run, steps  # noqa: E402
from gpu_check_lib.kit import Kit, missing_libraries  # noqa: E402
from gpu_check_lib.result import Result  # noqa: E402

PARITY = """#!/bin/sh
echo "ok    latents  2.00e-12 of at most 1.00e-08"
"""
BENCHMARK = """#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = --json ] && file=$2; shift; done
echo '{"rates": {"copy_GB_per_s": 3000, "bf16_TFLOP_per_s": 790}}' >"${file:-/dev/null}"
"""
WORKER = """#!/usr/bin/env python3
import pathlib, sys
sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
import worker
a, s = worker.arguments("plays glow_worker")
worker.serve(a, s, "glow", {}, a.threads, "planted", s.parameters(), s.log_p_flops(),
             {verb: lambda: None for verb in ("train", "log_p", "sample")})
"""
planted_tests = planted_program = planted_library = None  # of the command line


class Folder:
    """A prepared folder of planted programs, and a run's report beside it."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="gpu_check_test_")
        self.kit = pathlib.Path(self.temporary.name) / "kit"
        self.out = pathlib.Path(self.temporary.name) / "out"
        prepare.common(ROOT, self.kit, emulated=True)
        shutil.copytree(ROOT / "scripts" / "gpu_check_lib" / "stand_ins", self.kit / "stand_ins")
        self.add("bin/cuda_gpu_tests", planted_tests)
        self.add("bin/glow", planted_program)
        self.add("lib/" + planted_library.name, planted_library)
        self.script("bin/parity_fixture", PARITY)
        self.script("bin/glow_gpu_benchmark", BENCHMARK)
        self.script("benchmarks/glow_worker", WORKER)
        (self.kit / "benchmarks" / "build.json").write_text('{"compiler": "", "flags": "", "native": "", "eigen": ""}')

    def add(self, name, file):
        (self.kit / name).parent.mkdir(exist_ok=True)
        shutil.copy2(file, self.kit / name)

    def script(self, name, text):
        (self.kit / name).write_text(text)
        (self.kit / name).chmod(0o755)

    def run(self, planted=""):
        """Whether all passed, the steps by name, and what was printed."""
        limits = run.Limits(test_seconds=3, kill_seconds=0.5, side_by_side=4)
        said = io.StringIO()
        with mock.patch.dict(os.environ, PLANTED=planted), contextlib.redirect_stdout(said):
            passed = run.go(Kit(self.kit), self.out, limits)
        lines = [json.loads(line) for line in (self.out / "steps.jsonl").read_text().splitlines()]
        return passed, {line["step"]: line for line in lines}, said.getvalue()


def names(step):
    return {f["name"]: f["how"] for f in step["failed"]}


ALL = [step.name for step in steps.STEPS + steps.WITH_WHAT_IS_LEFT 
       if step.name not in ("memcheck on what failed", "peers that were late", "torch.compile")]
#: Those that run the tests with the planted faults.
OF_TESTS = "tests but bf16 networks"


class WholeRuns(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.temporary.cleanup)

    def test_all_pass(self):
        passed, lines, said = self.folder.run()
        self.assertEqual([(name, line["failed"]) for name, line in lines.items() if line["status"] != "passed"], [])
        self.assertTrue(passed)
        self.assertEqual(list(lines), ALL)
        self.assertEqual(lines[OF_TESTS]["worst"], {"error": 0.0025, "bound": 0.01, "where": "planted: no number"})
        self.assertEqual(lines["parity, trainer"]["worst"]["error"], 2e-12)
        self.assertEqual({name for name, line in lines.items() if line["networks_by"] == "mma_sync"}, {"mma.sync"})
        self.assertIn("790 TFLOP/s of cuBLAS", lines["rates, networks, training"]["detail"])
        self.assertRegex(lines["peers"]["detail"], "glow: train [0-9]")
        self.assertTrue(said.rstrip().splitlines()[-1].startswith("all passed"))
        with tarfile.open(self.folder.out / "report.tgz") as tar:
            self.assertLessEqual({"report/steps.jsonl", "report/table.txt", "report/logs/tests/000.txt"}, set(tar.getnames()))
        self.assertEqual(sorted(path.name for path in self.folder.out.iterdir()), ["report.tgz", "steps.jsonl", "table.txt"])

    def test_faults_of_tests_are_named_and_all_else_runs(self):
        passed, lines, said = self.folder.run("hang, wrong number, no number, crash")
        self.assertFalse(passed)
        self.assertEqual(list(lines), ALL)
        self.assertEqual(names(lines[OF_TESTS]), {
            "planted: hangs, and does not listen": "hang: no end in 3 s", "planted: a wrong number": "exit status 1",
            "planted: no number": "exit status 1", "planted: crashes": "crash: SIGSEGV"})
        wrong = next(f for f in lines[OF_TESTS]["failed"] if f["name"] == "planted: a wrong number")
        self.assertRegex(wrong["detail"], r"planted_tests.cpp:\d+: CHECK\( error <= bound \) with expansion: 0.5 <= 0.01")
        self.assertEqual(lines[OF_TESTS]["worst"]["error"], "inf")
        self.assertEqual([name for name, line in lines.items() if line["status"] != "passed"], [OF_TESTS])
        for fault in ("hang: no end in 3 s", "crash: SIGSEGV", "planted: a wrong number"):
            self.assertIn(fault, (self.folder.out / "table.txt").read_text())
            self.assertIn(fault, said)

    def test_missing_library_and_wrong_wgmma(self):
        (self.folder.kit / "lib" / planted_library.name).unlink()
        passed, lines, said = self.folder.run("wgmma")
        self.assertFalse(passed)
        self.assertEqual(names(lines["machine, ldd"]), {"glow": f"missing library {planted_library.name}"})
        self.assertEqual(set(names(lines["digits"]).values()), {f"missing library {planted_library.name}"})
        self.assertEqual(names(lines["wgmma"]), {"planted: a small network": "exit status 1"})
        self.assertIn("from here on networks run by mma.sync", lines["wgmma"]["detail"])
        self.assertEqual(names(lines["memcheck on what failed"]), {"planted: a small network": "exit status 1"})
        failed = ["machine, ldd", "wgmma", "memcheck on what failed", "digits"]
        self.assertEqual([name for name, line in lines.items() if line["status"] != "passed"], failed)
        after = list(lines)[list(lines).index("mma.sync"):]
        self.assertEqual({lines[name]["networks_by"] for name in after}, {"mma_sync"})
        self.assertIn("missing library", said)


class Parts(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.temporary.cleanup)

    def test_a_step_whose_time_is_over_tells_what_it_has(self):
        with mock.patch.dict(os.environ, PLANTED="hang"):
            r = run.Run(Kit(self.folder.kit), self.folder.out / "logs", run.Limits(kill_seconds=0.2, side_by_side=1))
            result = steps.most_tests(r, run.Deadline(2))
        self.assertEqual(result.status, "cut")
        self.assertIn("no time for", result.words)
        self.assertIn("planted: hangs", result.words)

    def test_a_hang_late_in_a_step_is_a_hang(self):
        with mock.patch.dict(os.environ, PLANTED="hang"):
            r = run.Run(Kit(self.folder.kit), self.folder.out / "logs", run.Limits(test_seconds=4, kill_seconds=0.2))
            result = steps.most_tests(r, run.Deadline(2))
        self.assertEqual([f.how for f in result.failed], ["hang: no end in 2 s"])

    def test_a_step_that_breaks_leaves_the_others_their_turn(self):
        (self.folder.kit / "bin" / "cuda_gpu_tests").write_text("")
        r = run.Run(Kit(self.folder.kit), self.folder.out / "logs", run.Limits())
        report = mock.Mock()
        run.go_through(next(step for step in steps.STEPS if step.name == OF_TESTS), r, report)
        self.assertIn("cuda_gpu_tests", report.add.call_args.args[3].failed[0].how)

    def test_libraries_that_are_loaded_later_are_looked_for(self):
        program = self.folder.kit / "bin" / "glow"
        program.write_bytes(planted_program.read_bytes() + b"libcublas.so.0")
        self.assertEqual(missing_libraries(program, os.environ), ["libcublas.so.0"])

    def test_all_test_cases_can_be_selected(self):
        for name in catch.names(planted_tests, "~[card]", os.environ):
            tested = catch.test([planted_tests], name, self.folder.out / "log.txt", 10, 1, os.environ)
            self.assertEqual(tested.ended.how, "", name)

    def test_only_peers_that_were_late_get_another_turn(self):
        workers = {"glow": {"rates": {"train": {"images_per_s": 4000}}}, "PyTorch": {"failed": "out of memory"},
                   "JAX": {"failed": "no answer to 'train 0' in 30 s"}}
        r = run.Run(Kit(self.folder.kit), self.folder.out, run.Limits())
        with mock.patch.object(measure, "ran", return_value=Result()), \
                mock.patch.object(measure, "load", return_value={"models": [{"workers": workers}]}):
            result = measure.peers(r, run.Deadline(9))
        self.assertEqual(r.late_peers, ["jax"])
        self.assertEqual([f.name for f in result.failed], ["PyTorch", "JAX"])
        self.assertEqual(result.detail, "glow: train 4000")

    def test_caps(self):
        most = sum(step.cap for step in steps.STEPS)
        self.assertLess(most, steps.MOST_SECONDS)
        self.assertLess(steps.MOST_SECONDS, 560)

    def test_a_folder_that_is_too_large_is_refused(self):
        (self.folder.kit / "bin" / "large").write_bytes(bytes(3 << 20))
        with self.assertRaisesRegex(prepare.NotPrepared, "more than 2; the largest are bin/large 3.0 MiB"):
            prepare.check_size(self.folder.kit, most=2 << 20)
        self.assertGreater(prepare.check_size(self.folder.kit), 3 << 20)

    def test_other_files_are_left_alone(self):
        with self.assertRaisesRegex(prepare.NotPrepared, "has other files in it"):
            prepare.for_a_card(ROOT, self.folder.kit.parent)


class WithoutGpu(unittest.TestCase):
    def test_a_source_tree_is_no_prepared_folder(self):
        answer = subprocess.run([ROOT / "scripts" / "gpu_check", "run"], capture_output=True, text=True, timeout=60)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("has not been prepared", answer.stderr)

    def test_a_missing_gpu_is_said_at_once(self):
        with contextlib.suppress(OSError):
            ctypes.CDLL("libcuda.so.1")
            self.skipTest("there is a driver")
        folder = Folder()
        self.addCleanup(folder.temporary.cleanup)
        (folder.kit / "kit.json").write_text('{"emulated": false}')
        answer = subprocess.run([folder.kit / "run", "--out", folder.out], capture_output=True, text=True, timeout=60)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("no GPU can be used: no NVIDIA driver is installed", answer.stderr)
        self.assertFalse(folder.out.exists())


if __name__ == "__main__":
    planted_tests, planted_program, planted_library = map(pathlib.Path, sys.argv[1:4])
    unittest.main(argv=sys.argv[:1])
