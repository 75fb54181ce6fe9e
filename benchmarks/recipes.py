"""Recipes of training on the digits: bits per dimension of validation, step by step, over some seeds.

    python3 benchmarks/recipes.py --program build/bin/glow [--seeds 1,2,3] [--steps 1000] [--out DIR]

Trains `--preset digits` with the options of each recipe, seconds a run, and prints a table, which it writes with the curves of all
seeds into --out as results.md and results.json. Each recipe takes the same steps, so all take about the same time.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

COSINE = ["--schedule", "cosine", "--lr", "0.005"]
AVERAGE = ["--ema", "0.99"]
RECIPES = [
    [],
    AVERAGE,
    ["--schedule", "cosine", "--lr", "0.003", *AVERAGE],
    [*COSINE, *AVERAGE],
    [*COSINE, *AVERAGE, "--optimizer", "adamax"],
    [*COSINE, *AVERAGE, "--optimizer", "adamw", "--weight-decay", "0.1"],
    [*COSINE, *AVERAGE, "--optimizer", "adamw", "--weight-decay", "0.3"],
    [*COSINE, *AVERAGE, "--optimizer", "adamw", "--weight-decay", "1"],
    [*COSINE, *AVERAGE, "--optimizer", "adamw", "--weight-decay", "3"],
    [*COSINE, "--optimizer", "adamw", "--weight-decay", "1"],
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the glow program")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out/recipes"))
    return parser.parse_args()


def curve(program, words, seed, steps):
    """Validation bits per dimension by step."""
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        subprocess.run([program, "train", "--data", "digits", "--out", run, "--seed", str(seed), "--steps", str(steps),
                        "--sample-every", "0", "--save-every", "0", "--validate-every", "50", "--quiet", *words], check=True)
        lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        return {line["step"]: line["validation_bits_per_dim"] for line in lines if "validation_bits_per_dim" in line}


def main():
    a = arguments()
    results = [{"options": " ".join(words), "curves": [curve(a.program, words, seed, a.steps) for seed in a.seeds]}
               for words in RECIPES]
    shown = [step for step in range(100, a.steps + 1, 100) if step in (100, 200, 400, 700) or step == a.steps]

    def row(result):
        means = [sum(c[step] for c in result["curves"]) / len(a.seeds) for step in shown]
        last = ", ".join(f"{c[a.steps]:.3f}" for c in result["curves"])
        return f"| {'`' + result['options'] + '`' if result['options'] else 'the preset'} | " + " | ".join(f"{m:.3f}" for m in means) + f" | {last} |"

    seeds = ", ".join(map(str, a.seeds))
    text = "\n".join([
        "# Recipes of training on the digits", "",
        f"`benchmarks/recipes.py`: `--preset digits`, {a.steps} steps on 1600 images, 4 bits; bits per dimension of the 197 other images,",
        f"means over seeds {seeds} after so many steps, and each seed's in the end.", "",
        "| options | " + " | ".join(f"step {step}" for step in shown) + " | each seed |",
        "|---|" + "--:|" * len(shown) + "---|", *map(row, results), ""])
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "results.md").write_text(text)
    (a.out / "results.json").write_text(json.dumps({"steps": a.steps, "seeds": a.seeds, "recipes": results}, indent=1) + "\n")
    print(text)


main()
