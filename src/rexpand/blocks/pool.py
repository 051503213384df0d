"""Global average pooling."""

from torch import SymInt, Tensor
from torch.jit import is_tracing  # type: ignore[attr-defined]
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d


def global_pool(images: Tensor) -> Tensor:
    """Maps (batch, channels, height, width) to (batch, channels, 1, 1).

    The gradient of `mean` is an expanded tensor in another memory order, and batch
    norm's backward pass then takes three times as long on a CPU. A trace, for ONNX, and
    a program of torch.export for images of any size get the layer whose size is not fixed.
    """
    if is_tracing() or isinstance(images.shape[2], SymInt):  # type: ignore[no-untyped-call]
        return adaptive_avg_pool2d(images, 1)
    return avg_pool2d(images, images.shape[2:])
