"""The ledger: each table, figure and claim of the sources, printed beside measured.

figure, row      how a printed figure is read, and what decides a verdict
item, items/     what can be run: protocols, their needs and their commands
printed/         the paper's tables as printed
running, folder  running an item, and the folder that keeps what it gave
"""

from rexpand.ledger.catalogue import ITEMS, item
from rexpand.ledger.folder import Ledger, read_ledger, write_item
from rexpand.ledger.item import Item, Needs, Protocol, Step
from rexpand.ledger.reading import ItemRecord, Panel, Reading
from rexpand.ledger.row import LedgerVerdict, Row
from rexpand.ledger.running import choose, missing, run

__all__ = [
    "ITEMS",
    "Item",
    "ItemRecord",
    "Ledger",
    "LedgerVerdict",
    "Needs",
    "Panel",
    "Protocol",
    "Reading",
    "Row",
    "Step",
    "choose",
    "item",
    "missing",
    "read_ledger",
    "run",
    "write_item",
]
