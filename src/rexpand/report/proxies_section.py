"""What proxies tell of a study's trials: its section and its sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.records import Interval, ProxyComparison, ProxyScores, StudySummary
from rexpand.report import formats, markup
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Proxy"),
    Column(title="Kendall's tau", is_number=True, hint="with the trained accuracy"),
    Column(title="95 % interval", is_number=True, hint="bootstrap over configurations"),
    Column(
        title="Less the baseline", is_number=True, hint="the better of params, macs"
    ),
    Column(title="95 % interval", is_number=True, hint="paired bootstrap"),
    Column(title="Two initialisations", is_number=True, hint="their mean tau"),
    Column(title="Seconds", is_number=True, hint="for a configuration"),
)
NAMES = {
    "params": "params",
    "macs": "macs",
    "activations": "activations",
    "nuclear_norm": "nuclear norm",
    "effective_rank": "effective rank",
    "synflow": "synflow",
    "naswot": "naswot",
}
_LITTLE = 0.05  # of a count: what a budget leaves it to differ by


@dataclass(frozen=True, kw_only=True)
class ProxyRow:
    """A proxy as written: tau, and tau less the better baseline, with intervals."""

    proxy: str
    tau: str
    tau_interval: str
    margin: str
    margin_interval: str
    agreement: str
    seconds: str


def proxy_rows(found: ProxyComparison) -> tuple[ProxyRow, ...]:
    """One row a proxy, params and macs first."""
    return tuple(_row(each) for each in found.proxies)


def proxies_section(summary: StudySummary, figures: Mapping[str, str]) -> str:
    """The table, the figure and the sentences; empty without a comparison."""
    found = summary.proxies
    if found is None:
        return ""
    caption = (
        "How scores of networks that are not trained order the trials. Params, macs and "
        "activations are counted; the others are means over "
        f"{formats.plural(len(found.initialisations), 'initialisation')} on "
        f"{found.images:,} training images, and are larger for better networks if they "
        "are right. The seconds are those of all initialisations."
    )
    body = "".join(markup.paragraph(text) for text in proxy_findings(found))
    body += figures.get("proxies", "") + markup.table(
        _COLUMNS, map(_cells, proxy_rows(found)), caption
    )
    return markup.section("Proxies", body, "proxies")


def proxy_findings(found: ProxyComparison) -> tuple[str, ...]:
    """The verdict, what the budget leaves to params and macs, and what limits any tau."""
    return (_verdict(found), _baselines(found), _limits(found))


def _verdict(found: ProxyComparison) -> str:
    """Which proxies beat counting by more than chance, and by how much."""
    asked = [each for each in found.proxies if each.margin is not None]
    trials = formats.plural(len(found.trials), "trial")
    if not asked:
        return f"Of {trials} only params and macs were counted."
    better = [each for each in asked if each.is_better]
    worse = [each for each in asked if each.is_worse]
    rest = [each for each in asked if not each.is_better and not each.is_worse]
    base = "the better one of params and macs"
    parts = [
        *([f"{_all(better)} more than {base} does"] if better else []),
        *([f"{_all(worse)} less"] if worse else []),
        *(
            [f"for {_listed(rest)} no difference can be told from chance"]
            if rest
            else []
        ),
    ]
    return (
        f"Over {trials}, {'; '.join(parts)} (tau less that of {base}, with intervals of "
        f"95 % by a paired bootstrap). One in twenty such intervals errs, and here are "
        f"{len(asked)}."
    )


def _all(proxies: list[ProxyScores]) -> str:
    told = [f"{NAMES[each.name]} ({_signed(each.margin)})" for each in proxies]
    verb = "tells" if len(proxies) == 1 else "tell"
    return f"{formats.listed(told)} {verb} of accuracy"


def _listed(proxies: list[ProxyScores]) -> str:
    return formats.listed(
        [f"{NAMES[each.name]} ({_signed(each.margin)})" for each in proxies]
    )


def _signed(found: Interval | None) -> str:
    assert found is not None
    return f"{found.mean:+.2f}, {_ends(found, '+')}"


def _ends(found: Interval, sign: str = "") -> str:
    assert found.low is not None
    assert found.high is not None
    return f"{found.low:{sign}.2f} to {found.high:{sign}.2f}"


def _baselines(found: ProxyComparison) -> str:
    """By how much params and macs differ at all, and what they tell."""
    spans = {"params": found.params, "macs": found.macs}
    told = [
        f"{name} by {100 * (max(counts) / min(counts) - 1):.1f} %"
        for name, counts in spans.items()
    ]
    taus = [
        f"{each.name} {each.tau.mean:+.2f} ({_ends(each.tau, '+')})"
        for each in found.proxies
        if each.name in spans
    ]
    narrow = [
        name
        for name, counts in spans.items()
        if max(counts) / min(counts) - 1 < _LITTLE
    ]
    note = (
        f" A budget that all of them use leaves {formats.listed(narrow)} next to nothing to "
        "tell, so beating that says little: among networks of unlike cost, counting it "
        "would tell more."
        if narrow
        else ""
    )
    return (
        f"From the least to the most the trials differ in {formats.listed(told)}; their "
        f"tau is: {formats.listed(taus)}.{note}"
    )


def _limits(found: ProxyComparison) -> str:
    seconds = [each.seconds for each in found.proxies if not each.is_counted]
    cost = (
        f" A proxy takes {_time(min(seconds))} to "
        f"{_time(max(seconds))} for a configuration, its training of "
        f"{formats.plural(found.seeds, 'seed')} took "
        f"{_time(found.training_seconds)}."
        if seconds
        else ""
    )
    noise = (
        "Each configuration was trained with one seed, so how far its accuracy is noise is "
        "not known."
        if found.seed_tau is None
        else "Two seeds of the training itself order the configurations alike by tau = "
        f"{found.seed_tau:.2f}: the accuracies are no finer than that."
    )
    return noise + cost


def _row(each: ProxyScores) -> ProxyRow:
    margin, own = each.margin, None if each.is_counted else each.agreement
    return ProxyRow(
        proxy=NAMES[each.name],
        tau=f"{each.tau.mean:+.2f}",
        tau_interval=_ends(each.tau, "+"),
        margin="" if margin is None else f"{margin.mean:+.2f}",
        margin_interval="" if margin is None else _ends(margin, "+"),
        agreement="" if own is None else f"{own:.2f}",
        seconds="" if each.is_counted else f"{each.seconds:.2g}",
    )


def _cells(row: ProxyRow) -> list[Cell]:
    first, *rest = vars(row).values()
    return [Cell(text=first), *(Cell(text=text, is_number=True) for text in rest)]


def _time(seconds: float) -> str:
    """Also fractions of a second: 0.04 s, 3.5 min."""
    return f"{seconds:.2g} s" if seconds < 10 else formats.duration(seconds)
