"""docs/recipe_fields.md has every field of a recipe, as the code has it."""

import re
from pathlib import Path

from recipe_fields import Row, detector_rows, rows

PAGE = Path(__file__).parent.parent / "docs" / "recipe_fields.md"
_ROW = re.compile(r"^\| `(\S+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_every_field_is_documented_with_its_default_and_its_range() -> None:
    _, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)

    found = [
        (section.partition("\n")[0], Row(path=path, default=default, values=values))
        for section in sections
        for path, _, _, default, values in _ROW.findall(section)
    ]

    # Add a row for a new field, with its meaning and unit; change what has moved.
    assert found == [*rows(), *detector_rows()]
    assert len(found) > 40


def test_a_unit_stands_where_the_number_has_one() -> None:
    units = {path: unit for path, _, unit, _, _ in _ROW.findall(PAGE.read_text())}

    assert units["epochs"] == units["schedule.warmup_epochs"] == "epochs"
    assert units["batch_size"] == units["validation"] == "images"
    assert units["augmentation.cutout"] == "pixels"
