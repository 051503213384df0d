"""The search for channel configurations: design, driver, workers, analysis.

This file imports nothing, so that designs, records and their analysis are read without
torch. Take `StudyDesign` from `rexpand.search.design`, `search` from
`rexpand.search.driver`, `summarise` from `rexpand.search.summary`, and so on.
"""
