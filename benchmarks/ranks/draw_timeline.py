"""A recorded step of several ranks as a picture: what is computed, and which sums of gradients travel beside it.

    mpirun -n 2 build/bin/glow train ... --trace 2 --out RUN
    python3 benchmarks/ranks/draw_timeline.py RUN/trace.json timeline.svg
"""
import argparse
import json
import pathlib

WIDTH, LEFT, ROW = 900, 110, 34
COLOURS = {"forward": "#8fb8de", "backward": "#3f78b5", "ranks": "#e08a3c", "step": "#9a9a9a"}


def last_step(events):
    """Events of levels, sums and the optimizer within the last recorded step, and its begin and length."""
    step = [e for e in events if e["name"] == "step"][-1]
    begin, end = step["ts"], step["ts"] + step["dur"]
    within = [e for e in events if e is not step and begin <= e["ts"] and e["ts"] + e["dur"] <= end + 1]
    rows = {"computes": [], "sums": []}
    for e in within:
        if e["cat"] == "ranks":
            rows["sums"].append(e)
        elif e["name"].startswith("level") and "/" not in e["name"] or e["name"] in ("optimizer", "prepare"):
            rows["computes"].append(e)
    return rows, begin, step["dur"]


def svg(rows, begin, length):
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{ROW * (len(rows) + 1) + 10}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    scale = (WIDTH - LEFT - 10) / length
    for i, (name, events) in enumerate(rows.items()):
        y = 8 + i * ROW
        parts.append(f'<text x="8" y="{y + 17}">{name}</text>')
        for e in events:
            x, width = LEFT + (e["ts"] - begin) * scale, max(1.0, e["dur"] * scale)
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 8}" fill="{COLOURS[e["cat"]]}" stroke="white"/>')
            if width > 40:
                parts.append(f'<text x="{x + 4:.1f}" y="{y + 17}" fill="white">{e["name"]}</text>')
    y = 8 + len(rows) * ROW
    for tick in range(6):
        x = LEFT + (WIDTH - LEFT - 10) * tick / 5
        parts.append(f'<text x="{x:.1f}" y="{y + 14}" text-anchor="{"start" if tick == 0 else "end" if tick == 5 else "middle"}">'
                     f'{length * tick / 5000:.0f} ms</text>')
    return "\n".join([*parts, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=pathlib.Path)
    parser.add_argument("picture", type=pathlib.Path)
    a = parser.parse_args()
    events = [e for e in json.loads(a.trace.read_text())["traceEvents"] if e["ph"] == "X"]
    a.picture.write_text(svg(*last_step(events)))


if __name__ == "__main__":
    main()
