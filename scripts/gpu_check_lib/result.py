"""What a step finds."""
import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Failure:
    """`name`: of the test or program; `how`: "failed", "hang: ...", "crash: SIGSEGV", "missing library ..."; `detail`: what it
    has said."""
    name: str
    how: str
    detail: str = ""


@dataclasses.dataclass(frozen=True)
class Worst:
    """The error nearest to its bound, or furthest above it."""
    error: float
    bound: float
    where: str

    @property
    def share(self):
        return self.error / self.bound if math.isfinite(self.error) else math.inf

    def as_json(self):
        """JSON has no infinity and no NaN: they become text."""
        return {"error": self.error if math.isfinite(self.error) else str(self.error), "bound": self.bound,
                "where": self.where}


def worst_of(several):
    """The worst of several, of which any may be None."""
    known = [worst for worst in several if worst is not None]
    return max(known, key=lambda worst: worst.share, default=None)


@dataclasses.dataclass
class Result:
    """Of a step. `cut` tells what its time did not suffice for; `skipped`, why it was not begun."""
    failed: list = dataclasses.field(default_factory=list)
    worst: Worst = None
    cut: str = ""
    detail: str = ""
    skipped: str = ""

    @property
    def status(self):
        return "failed" if self.failed else "cut" if self.cut else self.skipped or "passed"

    @property
    def words(self):
        return "; ".join(text for text in (self.detail, self.cut) if text)
