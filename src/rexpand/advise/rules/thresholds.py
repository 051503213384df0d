"""The numbers that rules compare with, each with its source."""

from dataclasses import dataclass, fields
from math import isfinite

from rexpand.errors import SpecError


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Beyond these a rule speaks. Set them under [lint.thresholds] of rexpand.toml."""

    # "Expansion ratio 6 or smaller" at the first 1x1: arXiv 2007.00992, Section 3.
    expansion: float = 6.0
    # An error from here on: the widest ratio that Table 1 of arXiv 1807.11164 timed.
    expansion_error: float = 12.0
    # ReXNet's own lowest is 16/27 = 0.59, stage-wise networks double (0.5). In Figure 1d
    # of arXiv 2007.00992, ReLU6, the rank ratio is 0.69 at 0.5 and 0.77 at 0.6. Our choice.
    dim_ratio: float = 0.55
    # Half of the channels carry no direction of their own. Our choice.
    rank_ratio: float = 0.5
    # R2 of a line through the blocks: ReXNet 1.0, ReXNet-lite 0.998, MobileNetV3-Large
    # 0.94, EfficientNet-B0 0.88, MobileNetV2 0.74. Our choice between the families.
    line_r_squared: float = 0.95
    # Memory access over its bound, of one 1x1 convolution: an expansion of 6 has
    # 7 / (2 sqrt 6) = 1.43 on large maps (guideline 1, arXiv 1807.11164). Our choice.
    layer_access: float = 1.5
    # The same, of all 1x1 convolutions: ShuffleNetV2 1.01, MobileNetV2 1.25. Our choice.
    network_access: float = 1.2
    # ... and only if this share of all memory access is above the bound. Our choice.
    excess_access: float = 0.05
    # 8 groups are more than two times slower than 1 on a GPU, 4 are up to that
    # (Table 2, arXiv 1807.11164).
    groups: int = 4
    # Convolutions and pools of one block: ResNet has 2 or 3, NASNet-A 13 (guideline 3,
    # arXiv 1807.11164); ShuffleNetV2's own has 5. Our choice between them.
    fragments: int = 6
    # Four in parallel are up to 3.5 times slower than one (Table 3, arXiv 1807.11164).
    branches: int = 4
    # Removing ReLU and shortcut gave about 20 % (guideline 4, arXiv 1807.11164).
    elementwise_share: float = 0.2
    # "Most of the parameters".
    penultimate_share: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isfinite(value) and value > 0):
                raise SpecError(
                    f"threshold {field.name} is {value}; it must be a number above 0"
                )
