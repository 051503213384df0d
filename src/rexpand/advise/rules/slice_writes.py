"""RX012: shortcuts that write into a slice, which exports badly."""

from collections.abc import Iterator

from rexpand.advise.rules.rule import Observation, Rule, facts
from rexpand.advise.rules.subject import Subject

_PADDED = (
    "pad the shortcut with zeros and add (F.pad(x, (0, 0, 0, 0, 0, extra)) + out), or "
    "add the first channels and concatenate the rest"
)


def check(subject: Subject) -> Iterator[Observation]:
    """Every write into part of a map, once per module and function."""
    seen = set()
    for write in subject.graph.writes:
        if (write.name, write.function) in seen or len(write.part) < 4:
            continue
        seen.add((write.name, write.function))
        what = "adds into" if write.adds else "writes into"
        yield Observation(
            layer=write.name,
            message=(
                f"{write.function} {what} {write.share:.0%} of a tensor, in place "
                f"({_by(write.part)})"
            ),
            evidence=facts(
                function=write.function,
                part=write.part,
                share=write.share,
                calls=sum(each.name == write.name for each in subject.graph.writes),
            ),
            cost=(
                "no exported graph has it: ONNX gets ScatterND and Transpose nodes (22 "
                "and 66 in ReXNet's official form, where the other forms have none), and "
                "pruning tools cannot follow it"
            ),
            fix=_PADDED if write.adds else "torch.cat of the parts, or torch.where",
        )


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape[1:]))


RULES = (
    Rule(
        id="RX012",
        name="slice-write",
        level="warning",
        summary="A shortcut is added in place into a slice, which exports badly.",
        source="clovaai/rexnet#15; node counts of the ONNX export of both forms",
        check=check,
    ),
)
