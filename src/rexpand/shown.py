"""Values that draw themselves: as a table in a notebook, a chart, a data frame.

How a value is drawn is known in a room above the value's own. The class therefore names
its view, and the view is loaded when the value is first drawn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import altair
    import pandas


class Shown:
    """A value with a view.

    `_view` is "module:name" of a `rexpand.report.views.View`.
    """

    __slots__ = ()
    _view: ClassVar[str]

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        return str(self._viewed().html(self))

    def chart(self) -> "altair.Chart | altair.LayerChart | altair.FacetChart":
        """The figure of the reports for this value, an Altair chart.

        Raises RecordError where there is nothing to draw yet, MissingExtraError without
        the extra `report`.
        """
        return self._viewed().chart_of(self)

    def to_frame(self) -> "pandas.DataFrame":
        """The numbers of the table, unrounded, one row a line.

        Raises MissingExtraError without the extra `notebook`.
        """
        return self._viewed().frame(self)

    def _viewed(self) -> Any:
        module, name = self._view.split(":")
        return getattr(import_module(module), name)
