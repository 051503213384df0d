"""What an epoch reached, in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rexpand.records import DetectionEpoch, Epoch


def reached(epoch: "Epoch | DetectionEpoch") -> list[str]:
    """Its loss, and what it reached on the held-out images where they were judged."""
    from rexpand.records import Epoch

    loss = f"loss {epoch.loss:.3f}"
    if isinstance(epoch, Epoch):
        return [loss, f"{epoch.accuracy:.1f} %"]
    measures = {"box AP": epoch.box_ap, "mask AP": epoch.mask_ap}
    return [loss, *(f"{n} {m:.3f}" for n, m in measures.items() if m is not None)]
