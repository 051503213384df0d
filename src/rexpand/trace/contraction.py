"""The rule of `einsum`, where its equation is a plain product of two factors."""

import math
from collections.abc import Sequence
from typing import Any

from rexpand.trace.watch import Arguments, Watch, empty


def einsum(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    """Two factors that share a sum; others run, and are seen as what they consist of."""
    equation, *factors = args
    sizes = _labelled(equation, factors) if isinstance(equation, str) else None
    if sizes is None or not factors[0].is_meta:
        return func(*args, **kwargs)
    into, result = equation.replace(" ", "").split("->")
    left, right = into.split(",")
    shape = tuple(sizes[label] for label in result)
    summed = math.prod(sizes[label] for label in set(left) & set(right) - set(result))
    output = empty(shape, factors[0])
    watch.add(
        *("product", "torch.einsum", factors, output),
        macs=math.prod(shape) * summed,
        contracted=summed,
        channel_axis=-1,
    )
    return output


def _labelled(equation: str, factors: Sequence[Any]) -> dict[str, int] | None:
    """The size of every label of a plain contraction of two factors; else None."""
    into, arrow, result = equation.replace(" ", "").partition("->")
    terms = into.split(",")
    if not arrow or len(terms) != 2 or len(factors) != 2 or "." in equation:
        return None
    sizes: dict[str, int] = {}
    for term, factor in zip(terms, factors, strict=True):
        if len(set(term)) != len(term) or len(term) != factor.ndim:
            return None
        for label, size in zip(term, factor.shape, strict=True):
            if sizes.setdefault(label, size) != size:
                return None
    shared = set(terms[0]) & set(terms[1])
    lone = set(terms[0]) ^ set(terms[1])
    is_plain = lone <= set(result) and bool(shared - set(result))
    return sizes if is_plain else None
