"""One trial of a study among the means of its groups."""

import altair as alt

from rexpand.records import GroupSummary, StudySummary, TrialSummary
from rexpand.report.charts import axes


def trial_among_groups(summary: StudySummary, trial: TrialSummary) -> alt.LayerChart:
    """The channels of a trial against block index, over the groups' fitted lines.

    Its rows are those of `trial_points`, so that a page can walk through the trials.
    """
    base = alt.Chart().encode(
        x=axes.block_axis(len(trial.channels)), y=axes.channels_axis("channels:Q")
    )
    line = base.mark_line(style="best")
    points = base.mark_point(filled=True, size=60, opacity=1, style="knee").encode(
        tooltip=[
            alt.Tooltip("block:Q", title="Block"),
            alt.Tooltip("channels:Q", title="Channels"),
        ]
    )
    groups = [_group(group) for group in summary.groups]
    return axes.framed(
        axes.layers(*groups, line, points),
        trial_points(trial),
        f"Channels of a trial of study {summary.name} over the means of its groups",
    )


def trial_points(trial: TrialSummary) -> axes.Rows:
    """A row for every block of a trial."""
    return [
        {"block": block, "channels": width}
        for block, width in enumerate(trial.channels, start=1)
    ]


def _group(group: GroupSummary) -> alt.Chart:
    """The mean channels of a group, in its colour."""
    rows = [
        {"group": group.name, "block": block, "mean": mean}
        for block, mean in enumerate(group.channels_mean, start=1)
    ]
    return (
        alt.Chart(axes.data(rows))
        .mark_line(strokeWidth=2, strokeDash=[5, 4], opacity=0.8)
        .encode(
            x=axes.block_axis(len(group.channels_mean)),
            y=axes.channels_axis("mean:Q"),
            color=axes.group_color({name: f"mean of {name}" for name in axes.GROUPS}),
        )
    )
