"""TensorFlow's padding, in a module that was built with torch's.

Where the stride is 2 and the side of the map even, TensorFlow pads only on the right
and below; torch pads on the left and above too. So weights of one are one pixel off in
the other. Only the strided convolutions change; the names of the tensors stay.
"""

from torch import Tensor, nn
from torch.nn.functional import pad


class SameConv2d(nn.Conv2d):
    """A convolution that pads its map by TensorFlow's rule "SAME".

    Maps (batch, in_channels, height, width) to (batch, out_channels,
    ceil(height / stride), ceil(width / stride)); an odd pixel of padding is on the
    right and below.
    """

    def forward(self, input: Tensor) -> Tensor:
        height, width = (
            _missing(side, *geometry)
            for side, *geometry in zip(
                input.shape[-2:],
                self.kernel_size,
                self.stride,
                self.dilation,
                strict=True,
            )
        )
        left, top = width // 2, height // 2
        return super().forward(pad(input, (left, width - left, top, height - top)))


def pad_as_tensorflow(module: nn.Module) -> None:
    """Give every strided convolution of a module TensorFlow's padding."""
    for parent in list(module.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) is nn.Conv2d and max(layer.stride) > 1:
                setattr(parent, name, _same(layer))


def _same(layer: nn.Conv2d) -> SameConv2d:
    """The same convolution and weights, with the other padding."""
    same = SameConv2d(
        layer.in_channels,
        layer.out_channels,
        layer.kernel_size,  # type: ignore[arg-type]  # a tuple of two, as it was given
        stride=layer.stride,  # type: ignore[arg-type]
        dilation=layer.dilation,  # type: ignore[arg-type]
        groups=layer.groups,
        bias=layer.bias is not None,
        device="meta",
    )
    same.weight, same.bias = layer.weight, layer.bias
    return same.train(layer.training)


def _missing(side: int, kernel: int, stride: int, dilation: int) -> int:
    """Pixels of padding that a side needs in total."""
    reach = dilation * (kernel - 1) + 1
    return max((-(-side // stride) - 1) * stride + reach - side, 0)
