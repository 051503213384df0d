"""Which annotations a folder holds, which part they are of, and where its images lie."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from annotated import (
    CLASSES,
    read_json,
    write_coco,
    write_json,
    write_labelme,
    write_voc,
)
from rexpand.data.detection import (
    DetectionData,
    DetectionSplit,
    Polygons,
    load_annotated,
    load_detection,
)
from rexpand.errors import DataError


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "coco", {"train": 3, "val": 2})


def boxes(split: DetectionSplit) -> dict[str, list[tuple[int, tuple[float, ...]]]]:
    """Class and box of every object, by the name of its image."""
    return {
        Path(image.file).name: [(each.category, each.box) for each in image.instances]
        for image in split.images
    }


def test_voc_says_what_coco_says(coco: Path, tmp_path: Path) -> None:
    voc = write_voc(tmp_path / "VOCdevkit" / "VOC2012", coco, sets=True)
    known = load_detection(coco)

    data = load_detection(voc.parent)

    assert data.layout == "Pascal VOC"
    assert data.class_names == CLASSES  # parts of objects are none
    # Its boxes count pixels from 1, and include the last one.
    assert boxes(data.train) == boxes(known.train)
    assert boxes(data.held_out) == boxes(known.held_out)
    assert not data.is_parted_by_seed


def test_labelme_says_what_coco_says(coco: Path, tmp_path: Path) -> None:
    folder = write_labelme(tmp_path / "labelme", coco, shape="rectangle")
    known = load_detection(coco)

    data = load_detection(folder)

    assert data.layout == "LabelMe"
    assert boxes(data.train) == boxes(known.train)
    assert boxes(data.held_out) == boxes(known.held_out)
    # Rectangles alone are boxes.
    assert not data.train.has_masks


def test_the_polygons_of_labelme_are_masks(coco: Path, tmp_path: Path) -> None:
    folder = write_labelme(tmp_path / "labelme", coco, shape="polygon")
    known = load_detection(coco).train.images[0].instances
    path = folder / "train" / "train-1.json"
    content = read_json(path)
    content["shapes"][1].update(shape_type="rectangle", points=[[30, 8], [20, 40]])
    write_json(path, content)

    square, drawn = load_detection(folder).train.images[0].instances

    assert square.mask == known[0].mask
    # A rectangle among them is a mask of four corners.
    assert drawn.box == (20, 8, 30, 40)
    assert drawn.mask == Polygons(outlines=((20, 8, 30, 8, 30, 40, 20, 40),))


def test_the_shapes_of_a_group_are_one_object(coco: Path, tmp_path: Path) -> None:
    folder = write_labelme(tmp_path / "labelme", coco, shape="polygon")
    path = folder / "train" / "train-1.json"
    content = read_json(path)
    first, second = content["shapes"]
    second["label"] = first["label"]
    for shape in content["shapes"]:
        shape["group_id"] = 4
    write_json(path, content)

    [hidden_in_the_middle] = load_detection(folder).train.images[0].instances

    assert isinstance(hidden_in_the_middle.mask, Polygons)
    assert len(hidden_in_the_middle.mask.outlines) == 2


def test_difficult_objects_of_voc_are_not_trained_on(
    coco: Path, tmp_path: Path
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    path = voc / "Annotations" / "train-1.xml"
    path.write_text(path.read_text().replace("<difficult>0", "<difficult>1", 1))

    split = load_detection(voc).train

    assert [each.is_crowd for each in split.images[0].instances] == [True, False]
    assert split.instances == 5


def test_the_test_set_of_voc_judges_where_it_is_annotated(
    coco: Path, tmp_path: Path
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    sets = voc / "ImageSets" / "Main"
    (sets / "trainval.txt").write_text("train-1\ntrain-2\n")
    (sets / "test.txt").write_text("train-3\n")
    (sets / "aeroplane_train.txt").write_text("nothing -1\n")

    data = load_detection(voc)

    assert [*boxes(data.train)] == ["train-1.png", "train-2.png"]
    assert [*boxes(data.held_out)] == ["train-3.png"]
    (sets / "test.txt").write_text("2012-without-annotations\n")
    assert [*boxes(load_detection(voc).held_out)] == ["val-1.png", "val-2.png"]


def test_one_file_for_all_holds_out_by_a_seed(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "pets", {"all": 10})
    (folder / "annotations" / "instances_all.json").rename(folder / "export 7.json")
    (folder / "all").rename(folder / "pictures")

    data = load_detection(folder)
    again, other = load_detection(folder), load_detection(folder, seed=1)

    assert data.is_parted_by_seed
    assert (len(data.train), len(data.held_out)) == (8, 2)
    assert not {*boxes(data.train)} & {*boxes(data.held_out)}
    assert data.fingerprint == again.fingerprint != other.fingerprint
    assert len(load_detection(folder, held_out=0.5).held_out) == 5
    # Whoever judges by a place of its own takes all of it.
    assert len(load_annotated(folder)) == 10


def test_images_by_part_lie_beside_their_annotations(tmp_path: Path) -> None:
    # As an export of Roboflow: the same names in every part.
    coco = write_coco(tmp_path / "coco", {"train": 2, "valid": 1, "test": 1})
    for part in ("train", "valid", "test"):
        file = coco / "annotations" / f"instances_{part}.json"
        content = read_json(file)
        for number, image in enumerate(content["images"]):
            (coco / part / image["file_name"]).rename(coco / part / f"{number}.png")
            image["file_name"] = f"{number}.png"
        write_json(coco / part / "_annotations.coco.json", content)
    shutil.rmtree(coco / "annotations")

    data = load_detection(coco)

    files = [image.file for image in (*data.train.images, *data.held_out.images)]
    names = ["train/0.png", "train/1.png", "test/0.png"]
    assert files == [str(coco / name) for name in names]


def test_an_image_of_another_part_is_not_taken_for_one_that_is_missing(
    coco: Path,
) -> None:
    (coco / "train" / "train-1.png").rename(coco / "val" / "train-1.png")

    with pytest.raises(
        DataError, match=r"missing file 1\), .*'train-1.png' is nowhere"
    ):
        load_detection(coco)
    # But what a name says with its folder is meant.
    path = coco / "annotations" / "instances_train.json"
    content = read_json(path)
    content["images"][0]["file_name"] = "val/train-1.png"
    write_json(path, content)
    assert load_detection(coco).train.images[0].file == str(coco / "val/train-1.png")


def test_other_annotations_of_coco_are_left_out(coco: Path) -> None:
    place = coco / "annotations"
    for part in ("train", "val"):
        content = read_json(place / f"instances_{part}.json")
        captions = [{"image_id": 1, "id": 1, "caption": "a disc"}]
        write_json(place / f"captions_{part}.json", content | {"annotations": captions})
        write_json(place / f"person_keypoints_{part}.json", content)

    assert len(load_detection(coco).train) == 3


def test_several_files_are_one_part(tmp_path: Path) -> None:
    folder = tmp_path / "batches"
    for name in ("first", "second"):
        write_coco(folder / name, {"all": 2})
        (folder / name / "annotations" / "instances_all.json").rename(
            folder / name / "annotations.json"
        )

    data = load_detection(folder, held_out=0.25)

    # Both files number their images from 1.
    both = (*data.train.images, *data.held_out.images)
    assert sorted(image.image_id for image in both) == [1, 2, 3, 4]
    assert len({image.file for image in both}) == 4


def test_the_classes_are_those_of_all_parts(coco: Path) -> None:
    path = coco / "annotations" / "instances_val.json"
    content = read_json(path)
    # "owl" has an id of its own, "cat" one that is disc's where it trains.
    owl, cat = {"id": 2, "name": "owl"}, {"id": 3, "name": "cat"}
    content["categories"] = [{"id": 1, "name": "box"}, owl, cat]
    for each in content["annotations"]:
        each["category_id"] = min(each["category_id"], 2)
    write_json(path, content)

    data = load_detection(coco)

    assert data.class_names == ("box", "owl", "disc", "cat")
    assert data.train.category_ids == data.held_out.category_ids == (1, 2, 3, 4)
    found = {each.category for image in data.train.images for each in image.instances}
    judged = {c for of_image in boxes(data.held_out).values() for c, _ in of_image}
    assert (found, judged) == ({0, 2}, {0, 1})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "shift_jis", "cp1252"])
def test_a_file_of_voc_is_read_in_the_encoding_that_it_declares(
    encoding: str, coco: Path, tmp_path: Path
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    name = "café" if encoding == "cp1252" else "猫"
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le")}"?>'
    for path in (voc / "Annotations").iterdir():
        text = declared + path.read_text().replace("<name>box", f"<name>{name}")
        path.write_bytes(text.encode(encoding))

    data = load_detection(voc)

    assert data.class_names == tuple(sorted((name, "disc")))
    assert data.train.instances == 6


def test_a_name_is_looked_up_under_the_root(coco: Path) -> None:
    assert load_detection("coco", root=coco.parent).name == "coco"
    with pytest.raises(DataError, match=r"no folder at .*cocoa"):
        load_detection("cocoa", root=coco.parent)


def test_a_folder_without_annotations_says_what_could_be_there(tmp_path: Path) -> None:
    write_json(tmp_path / "classes.json", ["a", "b"])

    with pytest.raises(
        DataError, match="holds no annotations; give a folder with COCO"
    ):
        load_detection(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t[:90], "it is not valid XML: unclosed token"),
        (lambda t: f"<!DOCTYPE a []>{t}", "it declares a document type"),
        (lambda t: t.replace("<name>box", "<name>"), "name of object 1 is ''"),
        (lambda t: t.replace("</xmin>", "x</xmin>", 1), "bndbox/xmin of object 1 is"),
        (
            lambda t: t.replace("<ymax>", "<y>").replace("</ymax>", "</y>"),
            "missing bndbox/ymax of object 1",
        ),
        (lambda t: t.replace("<width>64", "<width>6.5"), "size/width is 6.5"),
        (lambda t: f"<a>{t}</a>", "its root is 'a'"),
        (lambda t: "<a>" * 99 + t, "nested too deeply"),
        (lambda t: f'<?xml version="1.0" encoding="hex"?>{t}', "it is not valid XML"),
        (
            lambda t: f'<?xml version="1.0" encoding="utf-16"?>{t}',
            "it is not valid XML",
        ),
    ],
)
def test_a_damaged_file_of_voc_is_one_line(
    coco: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    path = voc / "Annotations" / "train-2.xml"
    path.write_text(change(path.read_text()))

    with pytest.raises(
        DataError, match=re.escape(f"{path}: ") + f".*{re.escape(said)}"
    ):
        load_detection(voc)


def test_no_entity_grows_without_end(coco: Path, tmp_path: Path) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12)
    )
    path = voc / "Annotations" / "train-1.xml"
    text = "<annotation><filename>&l11;</filename></annotation>"
    path.write_text(f"<!DOCTYPE a [{laughs}]>{text}")

    with pytest.raises(DataError, match="it declares a document type"):
        load_detection(voc)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shapes": 5}, "it has no list of shapes"),
        ({"imagePath": None}, "imagePath is None; give a text"),
        ({"imageHeight": -1}, "imageHeight is -1"),
        ({"shapes": [{"label": "a", "points": [[1, 2], [3]]}]}, "shapes[0].points[1]"),
        ({"shapes": [{"label": "a", "points": []}]}, "shapes[0].points is empty"),
        ({"shapes": [{"points": [[1, 2]]}]}, "missing key shapes[0].label"),
    ],
)
def test_a_damaged_file_of_labelme_is_one_line(
    coco: Path, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    folder = write_labelme(tmp_path / "labelme", coco, shape="polygon")
    path = folder / "train" / "train-2.json"
    write_json(path, read_json(path) | change)

    with pytest.raises(DataError, match=re.escape(f"{path}: {said}")):
        load_detection(folder)


def test_a_size_that_nobody_says_is_read_from_the_file(
    coco: Path, tmp_path: Path
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    for path in (voc / "Annotations").iterdir():
        text = re.sub(r"<width>\d+", "<width>0", path.read_text())
        path.write_text(re.sub(r"<depth>.*</size>", "</size>", text))

    data: DetectionData = load_detection(voc)

    assert {(i.height, i.width) for i in data.train.images} == {(48, 64)}
