"""Nuclear norm and effective rank of the penultimate features of a new network.

The features are those that the classifier receives, (images, features), with the batch
statistics in every norm. A nuclear norm is the sum of their singular values (the paper
relates it to accuracy, arXiv 2007.00992), an effective rank exp of the entropy of these.
"""

import torch
from torch import Tensor

from rexpand.models import Network
from rexpand.rank import effective_rank, singular_values
from rexpand.rank import nuclear_norm as sum_of
from rexpand.search.proxies.layers import normalising


def feature_nuclear_norm(network: Network, images: Tensor) -> float:
    """The nuclear norm of the penultimate features of some images."""
    return float(sum_of(_values(network, images)))


def feature_rank(network: Network, images: Tensor) -> float:
    """The effective rank of the penultimate features of some images."""
    return float(effective_rank(_values(network, images)))


@torch.inference_mode()
def _values(network: Network, images: Tensor) -> Tensor:
    with normalising(network):
        features = network.forward_penultimate(images)
    return singular_values(
        features, name=f"the penultimate layer of {network.spec.name}"
    )
