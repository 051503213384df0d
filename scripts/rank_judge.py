"""Judge a layer study of a preset again: its points stay, all that is said of them is new.

    python scripts/rank_judge.py FOLDER

For when more of Figure 1 was read off or a claim is compared in another way: layers.json
gets today's printed points, deviations and verdicts, and the page is drawn again.
"""

import argparse
from pathlib import Path

from rexpand.cli.layer_options import write_page
from rexpand.codec import to_document
from rexpand.rank.judging import judged_again
from rexpand.rank.protocol import preset
from rexpand.records import LayerStudy, read_record, write_atomic


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    folder = options.parse_args().folder
    study = read_record(LayerStudy, folder / "layers.json")
    judged = judged_again(study, preset(study.preset))
    write_atomic(folder / "layers.json", to_document(judged))
    for each in judged.deviations:
        print(f"{each.structure}: {each.mean_absolute:.3f}, worst {each.worst:.3f}")
    print(f"wrote {write_page(folder)}")


if __name__ == "__main__":
    main()
