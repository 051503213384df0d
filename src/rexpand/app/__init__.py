"""The explorer: one page in a browser over the rooms of the paper.

    from rexpand.app import application, make_offer, served

    with served(application(make_offer("rexnet_100"))) as address:
        ...

The logic is pure functions on values (`design`, `shown`, `moves`, `study_walk`); Gradio
only asks them. Importing this room is light: Gradio is loaded when a page is made.
"""

from rexpand.app.offer import Offer, Study, make_offer
from rexpand.app.serving import LOCAL, PORT, application, listening, served

__all__ = [
    "LOCAL",
    "PORT",
    "Offer",
    "Study",
    "application",
    "listening",
    "make_offer",
    "served",
]
