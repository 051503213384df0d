"""Fields of a record, as an expression: `mean(rows[seed < 3].accuracy) / 100`.

The syntax is Python's. A name is a field of the record; `rows` is what a table, a file
of lines or several files hold. `a.b` is a field, of a list the fields of all its
entries; `a[0]` an entry; `a["x y"]` a field of any name; `a[b == "x" and c > 2]` the
entries for which that is true, and the entry itself if it is one. Functions are those of
`FUNCTIONS`; `below(0.01, x)` is 0.01 if x is at most that. Nothing else is run.
"""

import ast
import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.stats import kendalltau, spearmanr
from scipy.stats import t as student


def _quartile(share: float) -> Callable[[list[float]], float]:
    return lambda values: float(np.quantile([_plain(each) for each in values], share))


def _numbers(values: list[Any]) -> list[float]:
    """Those that are there: a table leaves a cell empty where nothing was measured."""
    return [_plain(each) for each in values if each not in ("", None)]


def _floats(values: list[Any]) -> list[float]:
    return [float(each) for each in values]


def _half_interval(values: list[float]) -> float:
    """Half of Student's interval of 95 % of the mean."""
    count = len(values)
    error = statistics.stdev(values) / math.sqrt(count)
    return float(student.ppf(0.975, count - 1)) * error


def _absolute(value: Any) -> Any:
    """Of a number, or of each of a list."""
    if isinstance(value, list):
        return [abs(_plain(each)) for each in value]
    return abs(_plain(value))


def _limit(limit: float, is_kept: bool) -> float:
    """A limit that a page names ("less than 0.01"), if the record keeps it."""
    if not is_kept:
        raise ValueError(f"the record does not keep the limit {limit}")
    return limit


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "mean": lambda values: statistics.fmean(_plain(each) for each in values),
    "std": lambda values: statistics.stdev(_plain(each) for each in values),
    "median": lambda values: statistics.median(_plain(each) for each in values),
    "first_quartile": _quartile(0.25),
    "third_quartile": _quartile(0.75),
    "quantile": lambda values, share: _quartile(share)(values),
    "half_interval": lambda values: _half_interval([_plain(each) for each in values]),
    "min": lambda values: min(_numbers(values)),
    "max": lambda values: max(_numbers(values)),
    "sum": lambda values: sum(_plain(each) for each in values),
    "count": len,
    "abs": _absolute,
    "below": lambda limit, value: _limit(limit, _plain(value) <= limit),
    "above": lambda limit, value: _limit(limit, _plain(value) >= limit),
    "log10": lambda value: math.log10(_plain(value)),
    "product": lambda values: math.prod(_plain(each) for each in values),
    "kendall": lambda a, b: float(kendalltau(_floats(a), _floats(b)).statistic),
    "spearman": lambda a, b: float(spearmanr(_floats(a), _floats(b)).statistic),
    "last": lambda lists: [each[-1] for each in lists],
    "flat": lambda values: [each for some in values for each in some],
    "keys": list,
    "values": lambda value: list(value.values()),
    "positive": lambda values: sum(_plain(each) > 0 for each in values),
    "distinct": lambda values: sorted(set(values)),
}
_COMPARE: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: _plain(a) == _plain(b),
    ast.NotEq: lambda a, b: _plain(a) != _plain(b),
    ast.Lt: lambda a, b: _plain(a) < _plain(b),
    ast.LtE: lambda a, b: _plain(a) <= _plain(b),
    ast.Gt: lambda a, b: _plain(a) > _plain(b),
    ast.GtE: lambda a, b: _plain(a) >= _plain(b),
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ARITHMETIC: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def evaluate(text: str, record: Any) -> Any:
    """The value of an expression in a record.

    Raises ValueError if the record has no such field, or the text is none.
    """
    try:
        return _plain(_value(ast.parse(text.strip(), mode="eval").body, record))
    except (
        KeyError,
        IndexError,
        TypeError,
        SyntaxError,
        statistics.StatisticsError,
    ) as e:
        raise ValueError(f"{text}: {type(e).__name__} {e}") from None


def _plain(value: Any) -> Any:
    """A number that a table holds as text is that number."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _value(node: ast.expr, record: Any) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _field(record, name)
        case ast.Attribute(value=inner, attr=name):
            return _field(_value(inner, record), name)
        case ast.Subscript(value=inner, slice=chosen):
            return _chosen(_value(inner, record), chosen)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_plain(_value(inner, record))
        case ast.BinOp(left=left, op=op, right=right):
            return _computed(op, _value(left, record), _value(right, record))
        case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(each, record) for each in args))
        case ast.List(elts=parts):
            return [_value(each, record) for each in parts]
    raise ValueError(f"{ast.unparse(node)} is no field and no function")


def _field(owner: Any, name: str) -> Any:
    if isinstance(owner, list):
        return [_field(each, name) for each in owner]
    return owner[name]


def _chosen(owner: Any, chosen: ast.expr) -> Any:
    if isinstance(chosen, ast.Compare | ast.BoolOp):
        found = [each for each in owner if _is_true(chosen, each)]
        return found[0] if len(found) == 1 else found
    if isinstance(chosen, ast.Slice):
        ends = (chosen.lower, chosen.upper)
        return owner[slice(*(None if e is None else ast.literal_eval(e) for e in ends))]
    key = ast.literal_eval(chosen)
    return _field(owner, key) if isinstance(key, str) else owner[key]


def _is_true(node: ast.expr, entry: Any) -> bool:
    match node:
        case ast.BoolOp(op=op, values=parts):
            every = all if isinstance(op, ast.And) else any
            return every(_is_true(each, entry) for each in parts)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _COMPARE[type(op)](_value(left, entry), _value(right, entry))
    raise ValueError(f"{ast.unparse(node)} chooses nothing")


def _computed(op: ast.operator, left: Any, right: Any) -> Any:
    """Of two lists of one length, entry by entry; of a list and a number, each."""
    work = _ARITHMETIC[type(op)]
    match left, right:
        case list(), list():
            pairs = zip(left, right, strict=True)
            return [work(_plain(a), _plain(b)) for a, b in pairs]
        case list(), _:
            return [work(_plain(each), _plain(right)) for each in left]
        case _, list():
            return [work(_plain(left), _plain(each)) for each in right]
    return work(_plain(left), _plain(right))
