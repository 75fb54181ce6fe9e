"""What a run was measured on."""
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

from .workers import cores

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def said_by(*command):
    """A program's output; empty where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT,
                              env={**os.environ, "LC_ALL": "C"}).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def processor():
    """Name, caches and vector units of the processor."""
    fields = dict(re.findall(r"^\s*([^:\n]+):\s+(.*)$", said_by("lscpu"), re.M))
    flags = set(fields.get("Flags", "").split())
    vectors = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16") if name in flags]
    caches = [f"{level} {fields[level + ' cache']}" for level in ("L1d", "L2", "L3") if level + " cache" in fields]
    return {"name": fields.get("Model name", platform.processor()),
            "model": f"family {fields.get('CPU family', '?')}, model {fields.get('Model', '?')}",
            "caches": ", ".join(caches), "vectors": ", ".join(vectors)}


def describe(a, build):
    """All of it, as text by name; `build` is what CMake wrote of ours."""
    cpu = processor()
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    release = re.search(r'^PRETTY_NAME="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.M)
    commit = said_by("git", "rev-parse", "--short=10", "HEAD")
    changed = said_by("git", "status", "--porcelain", "--untracked-files=no")
    about = {
        "processor": f"{cpu['name']} ({cpu['model']})",
        "vector units": cpu["vectors"],
        "caches": cpu["caches"],
        "memory": f"{int(memory[1]) / 2**20:.1f} GiB",
        "system": f"{release[1] if release else platform.system()}, Linux {platform.release()}",
        "threads": f"{a.threads} of {os.cpu_count()}, on processors {', '.join(map(str, cores(a.threads)))}",
        "compiler": f"{build['compiler']}, {build['flags']}" + (" -march=native" if build["native"] == "ON" else ""),
        "Python": platform.python_version(),
        "glow": (commit or "no git here") + (" with changes" if changed else ""),
        "date": datetime.date.today().isoformat(),
        "load at the start": f"{os.getloadavg()[0]:.2f}",
    }
    if a.device == "cuda":
        about["GPU"] = said_by("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
        about["CUDA compiler"] = said_by("nvcc", "--version").rpartition("\n")[2]
    return about


def build_of(folder):
    """What CMake wrote of the build in `folder`."""
    return json.loads((folder / "benchmarks" / "build.json").read_text())
