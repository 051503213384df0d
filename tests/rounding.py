"""How far two correct computations of one formula may lie apart: derived once, here.

Kernels differ between processors in the order of their sums, and in whether a product
is rounded before it is added. A sum of n products errs by at most n u / (1 - n u) of
the sum of their magnitudes in any order, u = eps / 2 (Higham, Accuracy and Stability
of Numerical Algorithms, section 3.1); two computations differ by twice that: n eps.
"""

import torch
from torch import Tensor, nn

# Products in one sum: 9 x 512 for a 3x3 convolution of a ResNet are the most.
TERMS = 4608
EPS = torch.finfo(torch.float64).eps


def rounding_bound(depth: int, magnitude: float) -> float:
    """The most that `depth` layers of sums may differ in float64, near `magnitude`.

    Errors of layers add up: the layers of these tests neither grow nor shrink what
    they receive by much. What they do is covered by the distance between the worst
    order of 4,608 terms and a usual one, a factor of a thousand or more.
    """
    return depth * TERMS * EPS * magnitude


def depth_of(module: nn.Module) -> int:
    """Layers with parameters, an upper bound of those behind each other."""
    return sum(1 for layer in module.modules() if [*layer.parameters(recurse=False)])


def agree(found: Tensor, expected: Tensor, *, depth: int) -> bool:
    """Whether two tensors in float64 are the same but for rounding in `depth` layers."""
    assert found.dtype == expected.dtype == torch.float64
    assert found.shape == expected.shape
    magnitude = expected.abs().max().item()
    difference = (found - expected).abs().max().item()
    return difference <= rounding_bound(depth, magnitude)
