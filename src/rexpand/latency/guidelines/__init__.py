"""ShuffleNetV2's four guidelines (arXiv 1807.11164), put to the test on this machine.

This file imports nothing. Take `run_guidelines` from `rexpand.latency.guidelines.lab`,
`GUIDELINES` from `rexpand.latency.guidelines.experiments`.
"""
