"""The memory that a network takes, from the closed form, before it is built.

These are lower bounds: what is refused for them cannot work. Building holds the
weights; running holds besides them the images of a batch and the largest map; training
keeps every layer's outputs, and for each weight a gradient and what the optimiser and
the average remember.
"""

from rexpand.cost.network import cost_of, part_costs
from rexpand.spec import SpecLike, as_spec

_FLOAT32 = 4  # bytes


def bytes_to_build(spec: SpecLike) -> int:
    """Bytes of the weights."""
    return _FLOAT32 * cost_of(spec).params


def bytes_to_run(spec: SpecLike, batch_size: int) -> int:
    """Bytes of the weights, a batch of images and the largest output of a part."""
    spec = as_spec(spec)
    image = spec.in_channels * spec.resolution**2
    largest = max(part.out_channels * part.size**2 for part in part_costs(spec))
    return bytes_to_build(spec) + _FLOAT32 * batch_size * (image + largest)


def bytes_to_train(
    spec: SpecLike, batch_size: int, *, per_weight: int, value_bytes: int = _FLOAT32
) -> int:
    """Bytes of a training step, with `per_weight` numbers for each weight.

    These are the weight, its gradient, the optimiser's moments and the average. Outputs
    are kept for the gradient in numbers of `value_bytes`.
    """
    kept = value_bytes * batch_size * cost_of(spec).activations
    return per_weight * bytes_to_build(spec) + kept
