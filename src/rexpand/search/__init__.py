"""The search for channel configurations: design, driver, workers, analysis.

The package is called as the search itself:

    summary = rexpand.search("search_18", rexpand.Budget(macs=300e3), data="digits")

which is `rexpand.search.studies.search_channels`. This file imports none of it, so that
designs, records and their analysis are read without torch. Take `StudyDesign` from
`rexpand.search.design`, `search` from `rexpand.search.driver`, `summarise` from
`rexpand.search.summary`, and so on.
"""

from rexpand.surface import called_as

called_as(__name__, "rexpand.search.studies", "search_channels")
