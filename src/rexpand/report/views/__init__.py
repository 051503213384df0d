"""How values show themselves in a notebook: `rexpand.shown.Shown` finds its view here.

One file for each subject; each view is a table, for a page and for a data frame, and a
chart, which is the one of the reports.
"""

from rexpand.report.views.table import Column, Table
from rexpand.report.views.view import View

__all__ = ["Column", "Table", "View"]
