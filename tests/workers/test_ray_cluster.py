"""What is asked of a Ray cluster, before any is spoken to."""

import pytest

from rexpand.errors import MistakeError
from rexpand.workers import RayCluster
from rexpand.workers.ray_cluster import workers_on


@pytest.mark.parametrize(
    "address",
    ["", "head", ":6379", "head:", "head:0", "head:65536", "ray://head:1", "a b:1"],
)
def test_a_text_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(MistakeError, match=r"is no address .* give HOST:PORT, e\.g\."):
        RayCluster(address=address)


def test_a_share_of_a_gpu_is_of_one_gpu() -> None:
    with pytest.raises(MistakeError, match="gpu_share"):
        RayCluster(gpu_share=1.5)


@pytest.mark.parametrize(
    ("resources", "cpus", "gpus", "room"),
    [
        ({"CPU": 4.0}, 1, 0.0, 4),
        ({"CPU": 5.0}, 2, 0.0, 2),
        ({"CPU": 8.0, "GPU": 2.0}, 1, 1.0, 2),
        # Three on each GPU: the rest of one and that of the other are no share.
        ({"CPU": 8.0, "GPU": 2.0}, 1, 0.3, 6),
        ({"CPU": 2.0, "GPU": 2.0}, 1, 0.25, 2),
        ({"CPU": 8.0}, 1, 0.5, 0),
        ({}, 1, 0.0, 0),
    ],
)
def test_a_node_has_room_for_whole_workers(resources, cpus, gpus, room) -> None:
    assert workers_on(resources, cpus, gpus) == room
