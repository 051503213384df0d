"""A trained network on the Hugging Face hub: its files, its model card, and the way there.

The other way, `hf:OWNER/NAME` wherever a NETWORK is taken, is `rexpand.spec.hub`.
"""

from rexpand.hub.card import card
from rexpand.hub.publication import Publication, publication
from rexpand.hub.push import push, write_files

__all__ = ["Publication", "card", "publication", "push", "write_files"]
