"""Advice for any network: read it back as a spec, upgrade its channels, round them.

This file imports nothing, so that channels are rounded without torch. Take `upgrade`
from `rexpand.advise.equal_cost`, `roundings` from `rexpand.advise.rounding`,
`read_module` from `rexpand.advise.reading`, and so on.
"""
