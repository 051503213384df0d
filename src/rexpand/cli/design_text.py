"""A design in the terminal: its plan before, and what it found after."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rexpand.cli.console import count, print_json, print_table
from rexpand.cli.pace import duration

if TYPE_CHECKING:
    from rexpand.records.design import DesignPlan, DesignResult


def plan_lines(plan: "DesignPlan") -> Iterator[str]:
    """What will be done in which time; all of it is predicted."""
    data = plan.data
    yield (
        f"{data.name}: {data.train_images:,} training and {data.test_images:,} test images "
        f"of {data.classes} classes ({data.least_images:,} of {data.least} to "
        f"{data.most_images:,} of {data.most})"
    )
    yield from plan.reasons
    yield from (f"left out: {each}" for each in plan.left_out)
    for share in plan.shares:
        bought = (
            f"{share.trainings} trainings of {share.epochs} epochs: "
            if share.trainings
            else ""
        )
        yield f"{share.step}: about {duration(share.seconds)}, {bought}{share.reason}"
    yield f"predicted: at most about {duration(plan.seconds)} in all"


def print_plan(plan: "DesignPlan", as_json: bool) -> None:
    """The plan, for people or for programs."""
    if as_json:
        from rexpand.codec import to_content

        print_json(to_content(plan))
        return
    rows = [
        [
            each.network,
            str(each.size),
            f"{each.width_mult:g}",
            count(each.macs),
            count(each.params),
            f"{each.images_per_second or 0:,.0f}",
            "-" if each.latency_ms is None else f"{each.latency_ms:.3g}",
        ]
        for each in plan.candidates
    ]
    header = ("candidate", "input", "width", "macs", "params", "images/s", "ms")
    print_table(header, rows)
    for line in plan_lines(plan):
        print(line)


def print_result(result: "DesignResult") -> None:
    """Both networks, the verdict, and the lines that use the one handed over."""
    from rexpand.report import verdict_sentence

    verdict = result.verdict
    rows = [
        [
            name,
            side.network,
            count(side.macs),
            count(side.params),
            f"{sum(side.accuracies) / len(side.accuracies):.2f}",
            str(len(side.accuracies)),
        ]
        for name, side in (
            ("searched", verdict.searched),
            ("catalogue", verdict.catalogue),
        )
    ]
    print_table(("", "network", "macs", "params", "test %", "seeds"), rows)
    print(verdict_sentence(verdict))
    which = "the searched network" if result.export.is_searched else "the catalogue's"
    print(f"handed over: {which}, in {', '.join(result.export.files)}")
