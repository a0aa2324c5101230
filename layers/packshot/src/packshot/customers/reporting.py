"""What became of a file, for the person who put it there: `reports/<name>.json`, and the bad rows as CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from packshot.events import ObjectRef, RecordedPurchases, RowProblem
from packshot.ports import ObjectShelf
from packshot.purchases.rows import Problem

REPORTS: Final = "reports/"
MOST_TOLD: Final = 100
"""Problems that the answer tells of; the report has more."""
MOST_REPORTED: Final = 100_000
"""Problems in the report of a million rows."""


@dataclass(slots=True)
class Tally:
    """The rows of a file so far."""

    kept: int = 0
    known: int = 0
    refused: int = 0
    told: list[Problem] = field(default_factory=list)
    report: ObjectRef | None = None

    def outcome(self) -> RecordedPurchases:
        """Return it as an answer."""
        problems = (RowProblem(line=each.line, field=each.field, reason=each.reason) for each in self.told)
        return RecordedPurchases(
            kept=self.kept,
            known=self.known,
            refused=self.refused,
            problems=tuple(problems),
            report=self.report,
        )

    @classmethod
    def of(cls, outcome: RecordedPurchases) -> "Tally":
        """Go on from an answer."""
        told = [Problem(each.line, each.field, each.reason) for each in outcome.problems]
        return cls(outcome.kept, outcome.known, outcome.refused, told, outcome.report)


class Reports:
    """The reports in one bucket. They name lines and fields, never what stands there: nothing leaks."""

    def __init__(self, objects: ObjectShelf, *, bucket: str) -> None:
        self._objects = objects
        self._bucket = bucket

    def problems(self, name: str, problems: Iterable[Problem], *, segment: int) -> ObjectRef:
        """Write the bad rows of a segment; of a file's first one as `<name>.csv`, of later ones numbered."""
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(("line", "field", "reason"))
        rows.writerows((each.line, each.field, each.reason) for each in problems)
        number = f".{segment + 1}" if segment else ""
        return self._objects.write(
            text.getvalue().encode(),
            bucket=self._bucket,
            key=f"{REPORTS}{name}{number}.csv",
            media_type="text/csv; charset=utf-8",
        )

    def outcome(self, name: str, outcome: RecordedPurchases) -> None:
        """Write what became of a file so far."""
        self._objects.write(
            outcome.model_dump_json(indent=2).encode(),
            bucket=self._bucket,
            key=f"{REPORTS}{name}.json",
            media_type="application/json",
        )
