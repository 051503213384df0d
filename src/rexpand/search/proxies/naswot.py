"""NASWOT: how differently a new network treats the images of a batch (arXiv 2006.04647).

An image's code has one bit for each rectified unit, whether its input is positive. The
score is log |det K|, where K_ij is the number of units less the Hamming distance of the
codes of images i and j: it is large where no two images have like codes. The paper has
ReLU only; for others, such as SiLU, the bit is the sign of the input all the same.
"""

from typing import Any

import torch
from torch import Tensor, nn

from rexpand.errors import RankError
from rexpand.search.proxies.layers import is_rectifier, normalising


@torch.inference_mode()
def naswot(network: nn.Module, images: Tensor) -> float:
    """log |det K| of a batch; RankError for a network without rectified units.

    Two images of the same code make K singular, which is a RankError too.
    """
    agreed = torch.zeros(len(images), len(images), dtype=torch.float64)

    def count(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        signs = torch.where(inputs[0].flatten(1) > 0, 1.0, -1.0)
        # Bits that agree less those that differ; float32 is exact below 2**24 units.
        same = (signs @ signs.mT).cpu().double()
        agreed.add_((same + signs.shape[1]) / 2)

    rectifiers = [layer for layer in network.modules() if is_rectifier(layer)]
    handles = [layer.register_forward_pre_hook(count) for layer in rectifiers]
    try:
        with normalising(network):
            network(images)
    finally:
        for handle in handles:
            handle.remove()
    sign, logarithm = torch.linalg.slogdet(agreed)
    if not rectifiers:
        raise RankError(
            "naswot needs activations such as ReLU or SiLU, and the network has none; "
            "leave it out"
        )
    if float(sign) <= 0:
        raise RankError(
            f"two of {len(images)} images have the same code in the network, so that "
            "naswot has no value; give fewer images, or leave it out"
        )
    return float(logarithm)
