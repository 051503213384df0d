"""The peak of the activations: the most elements of maps alive together in a pass.

`rexpand.cost.live_maps` says when a map is alive and which layers write a new one. This
is the closed form of a spec, for one image in inference; `live_maps.steps_of`
gives the same for any module from one pass.
"""

from dataclasses import dataclass

from rexpand.cost.blocks import LookBack, block_maps
from rexpand.cost.live_maps import Tape, most_alive
from rexpand.size import Resolution, Size
from rexpand.spec import NetworkSpec, SpecLike, as_spec


@dataclass(frozen=True, kw_only=True)
class PeakActivations:
    """The most elements of maps alive together, and the part that runs then.

    `written` are the elements of all maps of the pass.
    """

    elements: int
    part: str
    written: int

    def bytes(self, value_bytes: int) -> int:
        """The bytes of the maps, in numbers of so many bytes."""
        return value_bytes * self.elements


def peak_activations(
    spec: SpecLike, resolution: Resolution | None = None
) -> PeakActivations:
    """The peak of a network for one image, weights excluded."""
    spec = as_spec(spec)
    image = spec.size if resolution is None else Size.of(resolution)
    tape, starts = Tape(), list[tuple[int, str]]()
    source = tape.write(spec.in_channels * image.pixels)
    starts.append((0, "stem"))
    source = _stem(spec, image, tape, source)
    size, width = spec.stem.output(image), spec.stem.out_channels
    before, before_step = LookBack(width, size), source
    for index, block in enumerate(spec.blocks):
        starts.append((len(tape.steps), f"blocks.{index}"))
        step = block_maps(block, width, size, tape, source, before, before_step)
        before, before_step = (
            LookBack(width, size, block.stride, block.dilation),
            source,
        )
        source, width, size = step, block.out_channels, block.output(size)
    starts.append((len(tape.steps), "head"))
    _head(spec, width, size, tape, source)
    most = most_alive(tape.steps)
    part = next(name for start, name in reversed(starts) if start <= most.step)
    return PeakActivations(elements=most.elements, part=part, written=most.written)


def _stem(spec: NetworkSpec, image: Size, tape: Tape, source: int) -> int:
    stem = spec.stem
    step = tape.write(stem.out_channels * image.each(stem.conv_size).pixels, source)
    if stem.pool_stride == 1:
        return step
    return tape.write(stem.out_channels * stem.output(image).pixels, step)


def _head(spec: NetworkSpec, width: int, size: Size, tape: Tape, source: int) -> None:
    head, step = spec.head, source
    if head.first_norm:
        step = tape.change(step)
    if head.channels:
        width = head.channels
        step = tape.write(width * size.pixels, step)
    if head.classifier == "convolution":
        if spec.num_classes:
            width = spec.num_classes
            step = tape.write(width * size.pixels, step)
            tape.write(width, step)
        return
    step = tape.write(width, step)
    if head.hidden:
        width = head.hidden
        step = tape.write(width, step)
    if spec.num_classes:
        if head.condense_factor > 1:
            step = tape.write(width // head.condense_factor, step)
        tape.write(spec.num_classes, step)
