"""Print the table of docs/rank.md on the axes of the protocol, from results/rank/axes.json.

rexpand rank axes --preset paper --networks 50 --dim-ratios 0.1,0.2,0.3,0.4,0.5,0.7,1.0 --out results/rank
python scripts/rank_axes_table.py
"""

from collections.abc import Iterator
from pathlib import Path

from rexpand.rank.published import PANELS
from rexpand.records import SensitivityStudy, read_record

STUDY = Path(__file__).parents[1] / "results" / "rank" / "axes.json"
_LETTERS = {"holds": "Y", "holds only if": "p", "does not hold": "n"}


def table(study: SensitivityStudy) -> Iterator[str]:
    """A line for each changed axis: deviations by panel, and the verdicts that change."""
    base = study.rows[0]
    panels = [each for each in PANELS if each in base.deviations]
    letters = " | ".join(f"({PANELS[each]})" for each in panels)
    yield f"| axis | value | {letters} | verdicts that change |"
    yield "|---|---|" + "---|" * (len(panels) + 1)
    for row in study.rows:
        found = " | ".join(f"{row.deviations[each]:.3f}" for each in panels)
        changed = "; ".join(
            f"{claim}: {_LETTERS[verdict]}"
            for claim, verdict in row.verdicts.items()
            if verdict != base.verdicts[claim]
        )
        is_base = row is base
        axis = f"`{study.preset}`" if is_base else row.axis.replace("_", " ")
        value = "" if is_base else row.value
        yield f"| {axis} | {value} | {found} | {changed or '-'} |"


if __name__ == "__main__":
    print("\n".join(table(read_record(SensitivityStudy, STUDY))))
