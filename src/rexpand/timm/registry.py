"""The entries of the catalogue as timm's entry points.

timm reads `default_cfgs` and fills `__all__` of the module that an entry point says it
is from: this one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import timm
import torch
from timm.models import DefaultCfg, build_model_with_cfg, register_model
from torch import Tensor, nn

from rexpand.models import Library, as_released, feature_levels, import_state
from rexpand.spec import (
    ALIASES,
    CATALOGUE,
    Input,
    NetworkSpec,
    network,
    with_output_stride,
)
from rexpand.timm.configs import configs_of, image_of, library_of
from rexpand.timm.network import TimmNetwork

# Batch norms to which timm gives another epsilon only when it loads weights (1.0.31).
LOADED_EPS: Mapping[str, float] = {"fbnetc_100": 1e-3}

__all__: list[str] = []
default_cfgs: dict[str, DefaultCfg] = {}

# Registered name to name of the catalogue; settled once, before timm knows any of ours.
ENTRIES: Mapping[str, str] = {
    registered: name
    for name in (*CATALOGUE, *ALIASES)
    for registered in (f"rexpand_{name}", name)
    if not timm.is_model(registered)
}


def register(entries: Mapping[str, str]) -> None:
    """Make timm know the networks, each by its name in timm's registry."""
    configs = {name: configs_of(name) for name in set(entries.values())}
    for registered, name in entries.items():
        default_cfgs[registered] = configs[name]
        register_model(_entry_point(registered, name))


def _entry_point(registered: str, name: str) -> Callable[..., nn.Module]:
    def create(pretrained: bool = False, **options: Any) -> nn.Module:
        return _create(registered, name, pretrained, **options)

    create.__name__ = create.__qualname__ = registered
    create.__doc__ = f"{name} of rexpand's catalogue."
    return create


def _create(
    registered: str,
    name: str,
    pretrained: bool,
    *,
    input: Input = "imagenet",
    width_mult: float | None = None,
    depth_mult: float | None = None,
    output_stride: int | None = None,
    pretrained_cfg: Any = None,
    pretrained_cfg_overlay: Mapping[str, Any] | None = None,
    feature_cfg: Mapping[str, Any] | None = None,
    **options: Any,  # what timm's builder takes, and hands on to `_build`
) -> nn.Module:
    spec = network(name, width_mult=width_mult, depth_mult=depth_mult, input=input)
    # Without weights the images are the spec's, not those that weights were learned on.
    image = {} if pretrained or pretrained_cfg else image_of(spec)
    if output_stride is not None:
        spec = with_output_stride(spec, output_stride)
    library = library_of(name) if pretrained else None
    return build_model_with_cfg(
        partial(_build, _released(spec, name, library) if library else spec),
        registered,
        pretrained,
        pretrained_cfg=pretrained_cfg,
        pretrained_cfg_overlay=image | dict(pretrained_cfg_overlay or {}),
        pretrained_filter_fn=partial(_renamed, library) if library else None,
        feature_cfg=_feature_cfg(spec) | dict(feature_cfg or {}),
        **options,
    )


def _released(spec: NetworkSpec, name: str, library: Library) -> NetworkSpec:
    """The spec that computes with a library's weights what the library does."""
    released = as_released(spec, library)
    eps = LOADED_EPS.get(name) if library == "timm" else None
    return released if eps is None else replace(released, norm_eps=eps)


def _feature_cfg(spec: NetworkSpec) -> dict[str, Any]:
    """All feature levels, asked of the network itself: blocks may look back."""
    return {
        "out_indices": tuple(range(len(feature_levels(spec)))),
        "feature_cls": "getter",
        "flatten_sequential": True,  # for who asks for another wrapper
    }


def _build(
    spec: NetworkSpec,
    *,
    num_classes: int,
    in_chans: int,
    global_pool: str = "avg",
    drop_rate: float | None = None,
    drop_path_rate: float | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> TimmNetwork:
    head = spec.head
    if drop_rate is not None:
        head = replace(head, dropout=drop_rate)
    if drop_path_rate is not None:
        spec = replace(spec, drop_path=drop_path_rate)
    spec = replace(spec, head=head, num_classes=num_classes, in_channels=in_chans)
    with torch.device(device or torch.get_default_device()):
        return TimmNetwork(spec, global_pool=global_pool).to(dtype=dtype)


def _renamed(
    library: Library, state: dict[str, Tensor], model: TimmNetwork
) -> dict[str, Tensor]:
    """Their state dict with our names; timm fits channels and classes afterwards."""
    config = cast(Mapping[str, Any], model.pretrained_cfg)
    spec = replace(
        model.spec,
        in_channels=config["input_size"][0],
        num_classes=config["num_classes"],
    )
    return import_state(spec, state, library)
