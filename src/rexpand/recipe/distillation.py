"""What a teacher adds to the loss of a training, as data."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import PLACE, SHARE_OR_ALL, TEMPERATURE


@dataclass(frozen=True, kw_only=True)
class Distillation:
    """The scores of a trained network as targets beside the labels (arXiv 1503.02531).

    The loss is (1 - weight) times the cross-entropy plus weight T^2 times the divergence
    KL(teacher || student) of the softmaxes of scores / T, T being the temperature.
    `teacher` says where the network is from.
    """

    teacher: Annotated[str, PLACE]
    weight: Annotated[float, SHARE_OR_ALL] = 0.5
    temperature: Annotated[float, TEMPERATURE] = 2.0

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
