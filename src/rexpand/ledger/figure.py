"""A figure as a source prints it: its value, and how far rounding lets it be off."""

from decimal import Decimal, InvalidOperation

_UNITS = {"k": 10**3, "M": 10**6, "B": 10**9}


def value_of(printed: str) -> Decimal:
    """4.8M as 4,800,000, 77.9 as itself. Raises ValueError for what is no figure."""
    number, unit = _parted(printed)
    return number * unit


def half_unit(printed: str) -> Decimal:
    """Half a unit of the last digit: 50,000 of 4.8M."""
    number, unit = _parted(printed)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # a figure is finite
    return Decimal(unit).scaleb(exponent) / 2


def rounds_to(exact: float, printed: str) -> bool:
    """Whether an exact value is printed so, to the digits that there are."""
    return abs(Decimal(exact) - value_of(printed)) <= half_unit(printed)


def _parted(printed: str) -> tuple[Decimal, int]:
    unit = _UNITS.get(printed[-1:], 1)
    try:
        number = Decimal(printed[:-1] if unit > 1 else printed)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise ValueError(f"{printed!r} is no figure")
    return number, unit
