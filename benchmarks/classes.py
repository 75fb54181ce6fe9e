"""Models of the digits' classes: whether samples of a class look like it, and what the classes do to bits per dimension.

    python3 benchmarks/classes.py --program build/bin/glow [--seeds 1,2,3] [--steps 1000] [--out DIR]

Trains `--preset digits` without classes, with --classes, and with --condition all; minutes a run. Of each class 100 samples are
drawn and named after the class of their nearest neighbour, in squares of pixels, among the images that were trained on. Prints a
table, and writes it with all numbers into --out as results.md and results.json. A run that is in --out already is not trained anew.
"""
import argparse
import json
import pathlib
import subprocess

import numpy

MODELS = {
    "without classes": [],
    "`--classes`": ["--classes"],
    "`--classes --condition all`": ["--classes", "--condition", "all"],
}
TEMPERATURES = (0.7, 1.0)
SAMPLES = 100  # of a class
BITS = 4
DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the glow program")
    parser.add_argument("--seeds", type=lambda text: [int(seed) for seed in text.split(",")], default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("benchmarks-out/classes"))
    return parser.parse_args()


def training_images(count=1600):
    """Images [N, 64] as a model of BITS bits sees them, and labels [N]."""
    images = numpy.frombuffer((DATA / "digits-images-idx3-ubyte").read_bytes(), numpy.uint8, offset=16).reshape(-1, 64)
    labels = numpy.frombuffer((DATA / "digits-labels-idx1-ubyte").read_bytes(), numpy.uint8, offset=8)
    step = 2 ** (8 - BITS)
    return images[:count].astype(float) // step * step, labels[:count]


def nearest_labels(samples, images, labels):
    """The label of each sample's nearest image."""
    squares = (samples**2).sum(1)[:, None] + (images**2).sum(1) - 2 * samples @ images.T
    return labels[squares.argmin(1)]


def recognised(program, run, temperature, images, labels):
    """The share of the samples of each class that their nearest neighbours recognise."""
    file = run / f"samples_t{temperature}.npy"
    subprocess.run([program, "sample", run, "--count", str(SAMPLES), "--temperature", str(temperature), "--out", file], check=True,
                   stdout=subprocess.DEVNULL)
    samples = numpy.load(file).reshape(10, SAMPLES, 64).astype(float)
    return [float((nearest_labels(of_class, images, labels) == k).mean()) for k, of_class in enumerate(samples)]


def measured(a, words, seed, run, images, labels):
    if not (run / "checkpoints").exists():
        subprocess.run([a.program, "train", "--data", "digits", "--out", run, "--seed", str(seed), "--steps", str(a.steps), "--threads",
                        str(a.threads), "--sample-every", "0", "--validate-every", "0", "--quiet", *words], check=True)
    told = json.loads(subprocess.run([a.program, "evaluate", run, "--json"], check=True, capture_output=True, text=True).stdout)
    if words:
        told["recognised"] = {str(t): recognised(a.program, run, t, images, labels) for t in TEMPERATURES}
    return told


def row(name, results):
    """A line of the table: means over seeds."""
    def mean(pick, digits, scale=1):
        values = [pick(told) for told in results]
        return "" if None in values else f"{scale * sum(values) / len(values):.{digits}f}"
    def share(temperature):
        return mean(lambda told: numpy.mean(told["recognised"][temperature]) if "recognised" in told else None, 1, 100)
    def worst(temperature):
        return mean(lambda told: min(told["recognised"][temperature]) if "recognised" in told else None, 0, 100)
    cells = [name, mean(lambda t: t["bits_per_dim"] if "recognised" in t else None, 3),
             mean(lambda t: t.get("mixture_bits_per_dim", t["bits_per_dim"]), 3), mean(lambda t: t.get("accuracy"), 1, 100),
             mean(lambda t: t.get("head_accuracy"), 1, 100), share("0.7"), worst("0.7"), share("1.0")]
    return "| " + " | ".join(cells) + " |"


def main():
    a = arguments()
    images, labels = training_images()
    results = {name: [measured(a, words, seed, a.out / f"run{number}_{seed}", images, labels) for seed in a.seeds]
               for number, (name, words) in enumerate(MODELS.items())}
    seeds = ", ".join(map(str, a.seeds))
    text = "\n".join([
        "# Classes of the digits", "",
        f"`benchmarks/classes.py`: `--preset digits`, {a.steps} steps, means over seeds {seeds}; 197 images to validate on. Bits per",
        "dimension given the class, and without it, of p(x) = mean of p(x \\| y) over the classes y. Accuracies in %: of the y of the",
        "highest p(x \\| y), and of the classifier where latents do not depend on the class. Samples recognised: % of the 100 drawn of",
        "each class whose nearest neighbour among the 1600 images trained on, by pixels, is of the class.", "",
        "| model | bits/dim given y | bits/dim | likeliest y | classifier | recognised at 0.7 | of the worst class | at 1.0 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|", *(row(name, of_seeds) for name, of_seeds in results.items()), ""])
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "results.md").write_text(text)
    (a.out / "results.json").write_text(json.dumps({"steps": a.steps, "seeds": a.seeds, "models": results}, indent=1) + "\n")
    print(text)


main()
