"""A view: the table of a value, and its chart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rexpand.errors import MissingExtraError, RecordError
from rexpand.report.views.html import table_html
from rexpand.report.views.table import Table

if TYPE_CHECKING:
    import altair
    import pandas

    Chart = altair.Chart | altair.LayerChart | altair.FacetChart

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class View(Generic[Value]):
    """How the values of a class are drawn.

    `chart` gives None where there is nothing to draw, and `missing` says why.
    """

    table: Callable[[Value], Table]
    chart: "Callable[[Value], Chart | None]"
    missing: str = "there is nothing to draw"

    def html(self, value: Value) -> str:
        """The table as a notebook shows it."""
        return table_html(self.table(value))

    def chart_of(self, value: Value) -> "Chart":
        """The chart; raises RecordError where there is none yet."""
        chart = self.chart(value)
        if chart is None:
            raise RecordError(self.missing)
        return chart

    def frame(self, value: Value) -> "pandas.DataFrame":
        """The table's numbers as they are; raises MissingExtraError without pandas."""
        try:
            import pandas
        except ImportError as absent:
            raise MissingExtraError("pandas", "notebook") from absent
        table = self.table(value)
        columns: dict[str, Any] = {
            column.name: [row[place] for row in table.rows]
            for place, column in enumerate(table.columns)
        }
        return pandas.DataFrame(columns)
