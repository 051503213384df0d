"""`--device`: where a training or an evaluation runs."""

import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.errors import MistakeError, quoted
from rexpand.launch import launched

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

    Call it before the first use of a device. Where a launcher has started several
    processes, they meet here. Raises MistakeError if it is not there, or not for each.
    """
    _check_shared(name)
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
    if launched().are_many:
        from rexpand.train.processes import joined

        _check_enough(name)
        joined()


def _check_shared(name: str) -> None:
    """Raise MistakeError for one device where there are several processes."""
    if launched().are_many and (name == "mps" or ":" in name):
        raise MistakeError(
            f"--device {name} is one device, and a launcher has started "
            f"{launched().count} processes; give --device cuda or cpu, or no --device "
            "(accelerate launch --gpu_ids chooses GPUs)"
        )


def _check_enough(name: str) -> None:
    """Raise MistakeError where processes of this machine would share a GPU."""
    import torch

    there, wanted = torch.cuda.device_count(), launched().on_machine
    if name != "cpu" and torch.cuda.is_available() and there < wanted:
        raise MistakeError(
            f"a launcher has started {wanted} processes on this machine, which has "
            f"{there} GPUs; start {there}, or give --device cpu"
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
