"""`rexpand rank`: the rank study, the factor analysis, the spectra of a network."""

import typer

from rexpand.cli import rank_axes, rank_factors, rank_layers, rank_network

app = typer.Typer(
    help="Measure the rank of features: of layers, factors and networks.",
    no_args_is_help=True,
)
app.command("layers")(rank_layers.layers)
app.command("axes")(rank_axes.axes)
app.command("factors")(rank_factors.factors)
app.command("network")(rank_network.network)
