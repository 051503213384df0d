"""`--device`: where a training or an evaluation runs."""

import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.errors import MistakeError, quoted

if TYPE_CHECKING:
    import torch

_KNOWN = re.compile(r"auto|cpu|mps|cuda(?::([0-9]{1,3}))?")
_VISIBLE = "CUDA_VISIBLE_DEVICES"


def _name(typed: str) -> str:
    if not _KNOWN.fullmatch(typed):
        raise typer.BadParameter(
            f"is {quoted(typed)}; give cpu, cuda, cuda:0, mps or auto"
        )
    return typed


Device = Annotated[
    str,
    typer.Option(
        "--device",
        parser=_name,
        metavar="DEVICE",
        help="cpu, cuda, cuda:N, mps or auto: a GPU if there is one.",
    ),
]


def use_device(name: str) -> None:
    """Make a device the only one that torch and accelerate see, here and in workers.

    Call it before the first use of a device. Raises MistakeError if it is not there.
    """
    found = _KNOWN.fullmatch(name)
    assert found
    if name in ("cpu", "mps"):
        os.environ[_VISIBLE] = ""
    if name == "cpu":
        os.environ["ACCELERATE_USE_CPU"] = "true"
    if found[1]:
        os.environ[_VISIBLE] = _visible(int(found[1]))
    if name not in ("auto", "cpu"):
        import torch

        kind = torch.cuda if name.startswith("cuda") else torch.backends.mps
        if not kind.is_available():
            raise MistakeError(
                f"no device '{name}' was found; give --device cpu, or no --device"
            )


def device_in_use() -> "torch.device":
    """The device that accelerate gives: the one of `use_device`."""
    from accelerate import PartialState

    return PartialState().device


def _visible(number: int) -> str:
    """What CUDA calls a GPU: its number, or its name among those already visible."""
    known = os.environ.get(_VISIBLE)
    if known is None:
        return str(number)
    names = [each for each in known.split(",") if each]
    return names[number] if number < len(names) else ""
