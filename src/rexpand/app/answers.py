"""What a page is sent after a move: bars, line, numbers and the rows of the charts."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from rexpand.app import panels
from rexpand.app.design import bars, line_of, renamed
from rexpand.app.moves import Moved, Sent, State, moved
from rexpand.app.offer import Offer
from rexpand.app.shown import Shown, readings, shown_module, shown_spec
from rexpand.cost import Cost, Peaks
from rexpand.report import charts
from rexpand.spec import NetworkSpec

if TYPE_CHECKING:
    from altair import LayerChart

Content = dict[str, Any]

_ROOM = 2  # times the widest block, or the cost, of the start: how far sliders go


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers about the networks of an offer, on a machine of these peaks."""

    offer: Offer
    peaks: Peaks

    def opened(self, label: str) -> Content:
        """A network as it is, or a module, of which nothing can be dragged."""
        spec = self.offer.spec(label)
        return self._module() if spec is None else self.board(label, Moved(spec=spec))

    def answer(self, content: Any) -> Content:
        """The answer to what a page sent; SpecError if that is no move."""
        sent = Sent.of(content)
        start = self._start(sent.state)
        return self.board(sent.state.label, moved(start, sent))

    def network(self, board: Content) -> NetworkSpec | None:
        """The network that a page shows, under its own name; None for a module."""
        if not board["bars"]:
            return None
        state = State(label=board["label"], channels=tuple(board["channels"]))
        start = self._start(state)
        return renamed(start.with_channels(state.channels), start)

    def board(self, label: str, after: Moved) -> Content:
        """All that a page shows of a network and that follows a drag."""
        start = self._start(State(label=label, channels=after.spec.channels))
        now = renamed(after.spec, start)
        shown, before = shown_spec(now), shown_spec(start)
        found = readings(shown, before, self.peaks)
        return {
            "label": label,
            "channels": list(now.channels),
            **_bars(start, now),
            "held": after.held,
            "bound": _bound(before.cost, after),
            "refused": bool(after.notice),
            "readings": panels.readings_html(found, shown, after.notice),
            **self._rows(shown),
        }

    def frames(self, label: str) -> tuple[Content, Content]:
        """The charts of a network; a drag changes their rows alone."""
        spec = self.offer.spec(label)
        shown = self._shown_module() if spec is None else shown_spec(spec)
        return (
            chart_of(charts.part_shares(shown.parts)),
            chart_of(charts.parts_under_roof(shown.parts, self.peaks)),
        )

    def lint(self, now: NetworkSpec | None) -> str:
        """What lint finds in a network, or in the module; it takes a tenth of a second."""
        from rexpand.advise.lint import lint

        if now is not None:
            return panels.lint_html(lint(now))
        assert self.offer.module is not None
        return panels.lint_html(lint(self.offer.module.subject))

    def _start(self, state: State) -> NetworkSpec:
        start = self.offer.spec(state.label)
        assert start is not None  # the page of a module sends nothing
        return start

    def _module(self) -> Content:
        assert self.offer.module is not None
        shown = self._shown_module()
        notice = f"It is shown, and cannot be dragged: {self.offer.module.reason}"
        found = readings(shown, shown, self.peaks)
        return {
            "label": self.offer.module.label,
            "bars": [],
            "readings": panels.readings_html(found, shown, notice),
            **self._rows(shown),
        }

    def _shown_module(self) -> Shown:
        assert self.offer.module is not None
        return shown_module(self.offer.module)

    def _rows(self, shown: Shown) -> Content:
        return {
            "shares": charts.share_rows(shown.parts),
            "roof": charts.roof_rows(shown.parts, self.peaks),
        }


def chart_of(drawn: "LayerChart") -> Content:
    """A chart as the page takes it: its definition, and the rows apart."""
    spec = drawn.to_dict()
    name = spec.pop("data")["name"]  # Altair keeps the rows of all layers together
    return {"rows": spec["datasets"].pop(name), "spec": spec}


def _bars(start: NetworkSpec, now: NetworkSpec) -> Content:
    """Every bar with its width, and the line of all, within what sliders show."""
    step, widest = now.channel_multiple, max(start.channels)
    most = ceil(max(_ROOM * widest, *now.channels) / step) * step
    line = line_of(now)
    steepest = ceil(_ROOM * widest / max(start.depth - 1, 1))
    return {
        "step": step,
        "most": most,
        "bars": [
            {
                "label": _label(bar.first + 1, bar.last + 1),
                "width": now.channels[bar.last],
                "start": start.channels[bar.last],
            }
            for bar in bars(start)
        ],
        "slope": {"value": round(line.slope, 2), "most": steepest},
        "intercept": {"value": round(line.intercept, 1), "most": _ROOM * widest},
    }


def _bound(start: Cost, after: Moved) -> Content:
    """What is held, at most this and as far as that."""
    if after.held == "nothing":
        return {"value": 0, "most": 0}
    most = max(_ROOM * getattr(start, after.held), after.bound)
    return {"value": after.bound, "most": most}


def _label(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"
