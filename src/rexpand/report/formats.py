"""How numbers are written: 398.4M, 4.80M, 63.1 ± 0.1, p = 0.012.

Every page, table and tooltip of the room writes its numbers here.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from rexpand.records import Interval, TrialSummary

# Thousands in k, millions in M, billions in B, as the paper writes them. A unit begins
# where the one below would round up to 1000.0.
_UNITS = ((999.95e6, 1e9, "B"), (999.95e3, 1e6, "M"), (1e3, 1e3, "k"))


def count(number: float) -> str:
    """Params or macs with a unit: 398.4M, 4.80M, 203.9k, 512."""
    scale, decimals, unit = _unit(number)
    return f"{number / scale:.{decimals}f}{unit}"


def count_spread(mean: float, std: float | None) -> str:
    """Mean and standard deviation in the unit of the mean: 30.0M ± 1.0M, or 30.0M."""
    if std is None:
        return count(mean)
    scale, decimals, unit = _unit(mean)
    return f"{mean / scale:.{decimals}f}{unit} ± {std / scale:.{decimals}f}{unit}"


def _unit(number: float) -> tuple[float, int, str]:
    for least, scale, unit in _UNITS:
        if number >= least:
            return scale, 2 if unit != "k" and number < 9.995 * scale else 1, unit
    return 1.0, 0, ""


def budget(bounds: Mapping[str, float]) -> str:
    """The upper bounds of a search: 30M macs, 200k params and 3 ms predicted; or none."""
    return listed([_bound(name, bound) for name, bound in bounds.items()]) or "none"


def listed(texts: Sequence[str]) -> str:
    """Some texts as one: a, b and c."""
    *before, last = texts or ("",)
    return f"{', '.join(before)} and {last}" if before else last


def _bound(name: str, bound: float) -> str:
    if name == "latency_ms":
        return f"{bound:.4g} ms predicted"
    scale, _, unit = _unit(bound)
    return f"{bound / scale:.4g}{unit} {name.replace('_', ' ')}"


def percent(value: float) -> str:
    """An accuracy in percent, without its sign: 63.4."""
    return f"{value:.1f}"


def percent_spread(mean: float, std: float | None) -> str:
    """Mean and standard deviation of an accuracy in percent: 63.1 ± 0.1, or 63.1."""
    return percent(mean) if std is None else f"{mean:.1f} ± {std:.1f}"


def interval(found: Interval | None, digits: int, sign: str = "") -> str:
    """A mean and half its interval: 27.10 ± 0.42; empty for None."""
    if found is None:
        return ""
    mean = f"{found.mean:{sign}.{digits}f}"
    if found.low is None or found.high is None:
        return mean
    return f"{mean} ± {(found.high - found.low) / 2:.{digits}f}"


def configuration(channels: Sequence[int]) -> str:
    """Channels as the paper prints them: 34-34-45-55-66."""
    return "-".join(str(width) for width in channels)


def stages(channels: Sequence[int]) -> str:
    """Channels as Table 1 of the paper prints them: 16(1)-24(2)-32(3).

    Where no two neighbours are equal there are no stages: 34-45-55.
    """
    runs = [(width, len(list(run))) for width, run in groupby(channels)]
    if len(runs) == len(channels):
        return configuration(channels)
    return "-".join(f"{width}({repeats})" for width, repeats in runs)


def p_value(value: float, permutations: int) -> str:
    """A permutation test's p, never smaller than one in `permutations`."""
    least = 1 / max(permutations, 1)
    return f"p < {least:.2g}" if value < least else f"p = {value:.2g}"


def state(trial: TrialSummary) -> str:
    """The state of a trial, or why it is not ranked though it is complete."""
    if trial.state == "complete" and not trial.is_feasible:
        return "above the bound"
    return trial.state


def probability(value: float) -> str:
    """The p of a test in thousandths: 0.012, < 0.001."""
    return "< 0.001" if value < 0.0005 else f"{value:.3f}"


def duration(seconds: float) -> str:
    """Seconds in the unit a reader would choose: 42 s, 3.5 min, 36.2 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def plural(number: int, noun: str) -> str:
    """1 trial, 100 trials."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# Figure 1 of arXiv 2007.00992, and its legend.
_PANELS = {
    "conv1x1": "(a) 1x1 convolution",
    "conv3x3": "(b) 3x3 convolution",
    "inverted_bottleneck": "(c) Inverted bottleneck, 3x3 convolution",
    "inverted_bottleneck_dw": "(d) Inverted bottleneck, 3x3 depthwise",
}
_ACTIVATIONS = {
    "linear": "Linear",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "softplus": "SoftPlus",
    "hard_swish": "Hard Swish",
    "silu": "SiLU",
}


def panel(structure: str) -> str:
    """A structure as the paper's figure heads it; a user's block by its own name."""
    return _PANELS.get(structure, structure)


def activation(name: str) -> str:
    """An activation as papers write it."""
    return _ACTIVATIONS.get(name, name)
