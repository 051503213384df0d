"""RMSprop as TensorFlow has it (`recipe.RMSpropTF` says how it differs from torch's)."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class TensorFlowRMSprop(Optimizer):
    """s = decay s + (1 - decay) g^2; b = momentum b + lr g / sqrt(s + eps); w = w - b.

    Weight decay is added to the gradient g.
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        *,
        lr: float,
        decay: float,
        momentum: float,
        eps: float,
    ) -> None:
        defaults = {"lr": lr, "decay": decay, "momentum": momentum, "eps": eps}
        super().__init__(groups, {**defaults, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        assert closure is None
        for group in self.param_groups:
            trained = [each for each in group["params"] if each.grad is not None]
            if trained:
                self._move(trained, group)

    def _move(self, trained: list[Tensor], group: dict[str, Any]) -> None:
        for each in trained:
            if not self.state[each]:
                self.state[each] = {
                    "square": torch.ones_like(each),
                    "momentum": torch.zeros_like(each),
                }
        squares = [self.state[each]["square"] for each in trained]
        buffers = [self.state[each]["momentum"] for each in trained]
        gradients: Any = [each.grad for each in trained]
        if group["weight_decay"]:
            gradients = torch._foreach_add(
                gradients, trained, alpha=group["weight_decay"]
            )
        torch._foreach_mul_(squares, group["decay"])
        torch._foreach_addcmul_(squares, gradients, gradients, value=1 - group["decay"])
        roots = torch._foreach_add(squares, group["eps"])
        torch._foreach_sqrt_(roots)
        torch._foreach_mul_(buffers, group["momentum"])
        torch._foreach_addcdiv_(buffers, gradients, roots, value=group["lr"])
        torch._foreach_sub_(trained, buffers)
