"""Options that belong together, for every verb that takes them all.

They are the fields of a frozen dataclass, and reach the verb as one value.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from inspect import Parameter, signature
from typing import Any


def spread(verb: Callable[..., None], group: str) -> Callable[..., None]:
    """The verb with the fields of its parameter `group` as options, in its place."""
    own = signature(verb, eval_str=True)
    kind = own.parameters[group].annotation
    options = signature(kind, eval_str=True).parameters

    @wraps(verb)
    def called(**given: Any) -> None:
        chosen = {each.name: given.pop(each.name) for each in fields(kind)}
        verb(**given, **{group: kind(**chosen)})

    parameters: list[Parameter] = []
    for name, each in own.parameters.items():
        parameters += options.values() if name == group else [each]
    keyword_only = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in parameters]
    called.__signature__ = own.replace(parameters=keyword_only)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called
