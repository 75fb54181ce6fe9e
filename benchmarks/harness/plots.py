"""Pictures of a run, as PNG and SVG. They need matplotlib."""
from .numbers import digits

VERB_TITLES = {"train": "training", "log_p": "log p(x)", "sample": "sampling"}


def save(figure, out, name):
    for kind in ("png", "svg"):
        figure.savefig(out / f"{name}.{kind}", dpi=150, bbox_inches="tight")


def bars(axes, cells, verb, names):
    """For each cell a bar a worker: its speed over the best peer's."""
    cells = [c for c in cells if verb in c["verbs"]]
    width = 0.8 / len(names)
    for i, name in enumerate(names):
        for x, cell in enumerate(cells):
            rates = {n: w["rates"][verb]["images_per_s"] for n, w in cell["workers"].items() if "rates" in w}
            best = max((r for n, r in rates.items() if n != "glow"), default=None)
            if name not in rates or best is None:
                continue
            at = x + (i - (len(names) - 1) / 2) * width
            axes.bar(at, rates[name] / best, 0.94 * width, color=f"C{i}", label=name)
            axes.text(at, rates[name] / best, f" {digits(rates[name])}", rotation=90, ha="center", va="bottom", fontsize=6)
    axes.axhline(1, color="black", linewidth=0.6)
    axes.set_xticks(range(len(cells)), [f"{c['cell']}\n{c['precision']}" if c["precision"] != "full" else c["cell"]
                                       for c in cells], fontsize=8)
    axes.set_title(VERB_TITLES[verb], fontsize=10)
    axes.margins(y=0.25)


def plot_models(cells, machine, out):
    import matplotlib.pyplot as plt
    names = list(cells[0]["workers"])
    verbs = [verb for verb in VERB_TITLES if any(verb in c["verbs"] for c in cells)]
    figure, panels = plt.subplots(1, len(verbs), figsize=(4.4 * len(verbs), 4))
    for axes, verb in zip(panels, verbs):
        bars(axes, cells, verb, names)
    panels[0].set_ylabel("speed over the best peer's")
    handles = {label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels())}
    figure.legend(handles.values(), handles, loc="lower center", ncols=len(names), bbox_to_anchor=(0.5, -0.08), fontsize=8)
    figure.suptitle(f"Images a second, {machine['processor']}, {machine['date']}", fontsize=10)
    save(figure, out, "models")
    plt.close(figure)


def plot_scaling(results, titles, out):
    import matplotlib.pyplot as plt
    figure, panels = plt.subplots(1, len(results), figsize=(3.2 * len(results), 3), squeeze=False)
    for axes, (axis, points) in zip(panels[0], results.items()):
        for verb, title in VERB_TITLES.items():
            axes.plot([p["value"] for p in points],
                      [p["images_per_s"][verb] * p["log_p_flops"] / 1e9 for p in points], "o-", markersize=3, label=title)
        axes.set_xscale("log", base=2)
        values = [p["value"] for p in points]
        axes.set_xticks(values, values)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(titles[axis], fontsize=8)
        axes.tick_params(labelsize=7)
    panels[0][0].set_ylabel("images a second x\nGFLOP of log p(x)", fontsize=8)
    panels[0][0].legend(fontsize=7)
    save(figure, out, "scaling")
    plt.close(figure)


def plot_memory(points, out):
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(figsize=(4, 3))
    for mode in dict.fromkeys(p["mode"] for p in points):
        mine = [p for p in points if p["mode"] == mode]
        axes.plot([p["depth"] for p in mine], [p["bytes"]["peak"] / 2**20 for p in mine], "o-", label=f"peak, {mode}")
        axes.plot([p["depth"] for p in mine], [p["bytes"]["model"] / 2**20 for p in mine], "k:", label="model")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("K")
    axes.set_ylabel("MiB in training")
    axes.legend(fontsize=7)
    save(figure, out, "memory")
    plt.close(figure)


def plot_all(results, titles, out):
    """Pictures of what a run has measured; their names. Throws ImportError without matplotlib."""
    import matplotlib
    matplotlib.use("Agg")
    plots = {"models": lambda r: plot_models(r, results["machine"], out),
             "scaling": lambda r: plot_scaling(r, titles, out),
             "memory": lambda r: plot_memory(r, out)}
    drawn = [name for name in plots if results.get(name)]
    for name in drawn:
        plots[name](results[name])
    return drawn
