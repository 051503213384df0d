"""The costs of a trial as pages and figures name them and write them."""

from collections.abc import Sequence

from rexpand.report import formats

_PREDICTED = "predicted_latency_ms"
_MEASURED = "latency_ms:"  # and the runtime


def words(name: str) -> str:
    """A cost in a sentence: memory access, latency under onnxruntime."""
    if name == _PREDICTED:
        return "predicted latency"
    if is_measured(name):
        return f"latency under {name.removeprefix(_MEASURED)}"
    return name.replace("_", " ")


def together(names: Sequence[str]) -> str:
    """Some costs in a sentence: macs and memory access."""
    return formats.listed([words(name) for name in names])


def title(name: str) -> str:
    """A cost as the head of a column or of an axis, with its unit."""
    text = words(name)
    unit = " (ms)" if is_latency(name) else ""
    return f"{text[0].upper()}{text[1:]}{unit}"


def written(name: str, cost: float) -> str:
    """A cost with its unit: 30.0M, 1.23 ms."""
    return f"{cost:.3g} ms" if is_latency(name) else formats.count(cost)


def is_latency(name: str) -> bool:
    """Whether a cost is in milliseconds."""
    return name == _PREDICTED or is_measured(name)


def is_measured(name: str) -> bool:
    """Whether a cost was measured, and not computed."""
    return name.startswith(_MEASURED)
