"""A verb that has others below it: `train NETWORK`, and `train factors`."""

from typing import Any

from typer.core import TyperGroup


class VerbGroup(TyperGroup):
    """A group whose own function is a verb with arguments.

    The first word decides: the name of a verb below is that verb, and anything else
    belongs to the verb itself. A file of that name is given as ./NAME.
    """

    allow_extra_args = False
    allow_interspersed_args = True

    def parse_args(self, context: Any, words: list[str]) -> list[str]:
        if words and words[0] in self.commands:
            context.args = words
            return words
        return super(TyperGroup, self).parse_args(context, words)

    def invoke(self, context: Any) -> Any:
        if not context.args:
            return super(TyperGroup, self).invoke(context)
        name, *words = context.args
        path = f"{context.info_name} {name}"  # a usage line without our arguments
        below = self.commands[name].make_context(path, words, parent=context.parent)
        with context, below:
            return below.command.invoke(below)

    def collect_usage_pieces(self, context: Any) -> list[str]:
        return super(TyperGroup, self).collect_usage_pieces(context)
