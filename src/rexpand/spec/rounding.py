"""How widths become whole: one rule for numbers and for arrays.

The formulas use only operators, so that the same line rounds a float here and a column
of a hundred thousand configurations in `rexpand.cost`.
"""

from typing import Any, TypeVar

Width = TypeVar("Width", float, Any)  # a number, or a numpy array of numbers


def nearest_multiple(width: Width, multiple_of: int) -> Width:
    """`width` rounded half up to a multiple, at least one and never below 90 % of it.

    The rule of TensorFlow's and timm's `make_divisible`. A `multiple_of` of 0 leaves
    the width unchanged: the relaxation that the solver uses.
    """
    if multiple_of == 0:
        return width
    rounded = (width + multiple_of / 2) // multiple_of * multiple_of
    rounded = rounded + (multiple_of - rounded) * (rounded < multiple_of)
    return rounded + multiple_of * (rounded < 0.9 * width)


def divided(width: Width, divisor: int, multiple_of: int) -> Width:
    """`width // divisor`, rounded to a multiple; exact division if that is 0."""
    if multiple_of == 0:
        return width / divisor
    quotient = width // divisor
    if multiple_of == 1:
        return quotient + (quotient < 1)  # already whole; at least 1
    return nearest_multiple(quotient, multiple_of)


def shared(
    width: Width, shares: tuple[int, ...], multiple_of: int
) -> tuple[Width, ...]:
    """`width` divided in proportion to `shares`, in multiples, at least one each.

    The remainder goes to the first, as in TensorFlow's MixNet; the first is less than 1
    where the width is too small for all. Exact if `multiple_of` is 0.
    """
    if len(shares) == 1:
        return (width,)
    total = sum(shares)
    if multiple_of == 0:
        return tuple(width * share / total for share in shares)
    others: list[Width] = []
    for share in shares[1:]:
        units = width * share // (total * multiple_of)
        others.append(multiple_of * (units + (units < 1)))
    return (width - sum(others), *others)
