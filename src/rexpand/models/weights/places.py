"""The place of a block in libraries that number stages."""

from itertools import pairwise

from rexpand.spec import NetworkSpec


def places(spec: NetworkSpec) -> list[tuple[int, int]]:
    """Stage and place of every block, from 0.

    A stage begins where the map shrinks or the number of channels changes.
    """
    found = [(0, 0)]
    for before, block in pairwise(spec.blocks):
        stage, place = found[-1]
        begins = block.stride > 1 or block.out_channels != before.out_channels
        found.append((stage + 1, 0) if begins else (stage, place + 1))
    return found
