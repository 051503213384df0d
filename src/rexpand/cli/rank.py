"""`rexpand rank`: the rank study, the factor analysis, the spectra of a network."""

import typer

from rexpand.cli import rank_axes, rank_factors, rank_layers, rank_network
from rexpand.cli.console import help_if_alone

app = typer.Typer(
    help="Measure the rank of features: of layers, factors and networks.",
    invoke_without_command=True,
    callback=help_if_alone,
)
app.command("layers")(rank_layers.layers)
app.command("axes")(rank_axes.axes)
app.command("factors")(rank_factors.factors)
app.command("network")(rank_network.network)
