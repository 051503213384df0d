"""How long networks take here, timed against each other under each runtime.

This file imports nothing, so that medians and intervals are computed without torch. Take
`time_networks` from `rexpand.latency.networks`, `find_runtimes` from
`rexpand.latency.runtimes`, `interleaved` from `rexpand.latency.rounds`.
"""
