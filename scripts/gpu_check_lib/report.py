"""What a run leaves: steps.jsonl, a line per step as it ends; report.tgz with that and all logs; a table."""
import json
import tarfile


def short(text, most):
    """The beginning of a text in one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most - 3] + "..."


class Report:
    """Writes into the folder `out`. report.tgz is written anew after each step, so that a run that is broken off leaves one."""

    def __init__(self, out, logs):
        out.mkdir(parents=True, exist_ok=True)
        self.out, self.logs, self.lines = out, logs, []
        self.steps = out / "steps.jsonl"
        self.steps.write_text("")

    def add(self, step, cap, seconds, result, networks_by):
        line = {"step": step, "status": result.status, "seconds": round(seconds, 1), "cap": cap,
                "worst": result.worst.as_json() if result.worst else None,
                "failed": [{"name": f.name, "how": f.how, "detail": f.detail} for f in result.failed],
                "detail": result.words, "networks_by": networks_by}
        self.lines.append(line)
        with open(self.steps, "a") as file:
            file.write(json.dumps(line) + "\n")
        print(f"-- {step}: {line['status']} in {line['seconds']} s; {short(line['detail'], 200)}", flush=True)
        for f in result.failed[:5]:
            print(f"   {short(f.name, 100)}: {f.how}; {short(f.detail, 300)}", flush=True)
        self.pack()

    def pack(self):
        (self.out / "table.txt").write_text(self.table())
        with tarfile.open(self.out / "report.tgz", "w:gz") as tar:
            tar.add(self.steps, "report/steps.jsonl")
            tar.add(self.out / "table.txt", "report/table.txt")
            if self.logs.exists():
                tar.add(self.logs, "report/logs")

    def all_passed(self):
        return all(line["status"] in ("passed", "no time left") for line in self.lines)

    def table(self):
        """Steps, one per line, each followed by what failed in it."""
        rows = [("step", "status", "s", "of", "error / bound", "")]
        for line in self.lines:
            rows.append((line["step"], line["status"], f"{line['seconds']:.1f}", str(line["cap"]), told(line["worst"]),
                         short(line["detail"], 90)))
            rows += [("", short(f["how"], 40), "", "", "", short(f"{f['name']}: {f['detail']}", 130)) for f in line["failed"]]
        widths = [max(len(row[i]) for row in rows if row[0]) for i in range(5)]
        text = ""
        for row in rows:
            if row[0]:
                text += "  ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].rjust(widths[2]),
                                   row[3].rjust(widths[3]), row[4].ljust(widths[4]), row[5]]).rstrip() + "\n"
            else:
                text += f"    {row[1]}: {row[5]}\n"
        return text


def told(worst):
    """"3.1e-06 / 1e-05" """
    if worst is None:
        return ""
    error = worst["error"]
    return f"{error:.1e} / {worst['bound']:.0e}" if not isinstance(error, str) else f"{error} / {worst['bound']:.0e}"
