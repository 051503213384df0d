"""Small annotated sets of images, which tests may then damage."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("box", "disc")


def write_coco(
    folder: Path, parts: Mapping[str, int], *, height: int = 48, width: int = 64
) -> Path:
    """FOLDER/annotations/instances_PART.json and FOLDER/PART/*.png; returns the folder.

    Each image has a bright rectangle, category 1, and a dark disc, category 3, with
    polygons as masks.
    """
    random = np.random.default_rng(0)
    (folder / "annotations").mkdir(parents=True)
    for part, count in parts.items():
        (folder / part).mkdir()
        content = coco_content(part, count, height=height, width=width)
        for image in content["images"]:
            shapes = [a for a in content["annotations"] if a["image_id"] == image["id"]]
            picture = drawn(shapes, height, width, random)
            picture.save(folder / part / image["file_name"])
        write_json(folder / "annotations" / f"instances_{part}.json", content)
    return folder


def write_voc(folder: Path, coco: Path, *, sets: bool) -> Path:
    """The same set in Pascal VOC's layout: JPEGImages, Annotations, and ImageSets."""
    for name in ("JPEGImages", "Annotations", "ImageSets/Main"):
        (folder / name).mkdir(parents=True)
    for file in sorted((coco / "annotations").iterdir()):
        part = file.stem.removeprefix("instances_")
        content = read_json(file)
        for image in content["images"]:
            shutil.copy(coco / part / image["file_name"], folder / "JPEGImages")
            stem = Path(image["file_name"]).stem
            shapes = [a for a in content["annotations"] if a["image_id"] == image["id"]]
            text = voc_text(image, shapes)
            (folder / "Annotations" / f"{stem}.xml").write_text(text)
        if sets:
            stems = [Path(image["file_name"]).stem for image in content["images"]]
            path = folder / "ImageSets" / "Main" / f"{part}.txt"
            path.write_text("".join(f"{stem}\n" for stem in stems))
    return folder


def voc_text(image: dict[str, Any], shapes: list[dict[str, Any]]) -> str:
    """The XML of an image: pixels count from 1, and the last one is inside."""
    objects = ""
    for shape in shapes:
        x, y, width, height = shape["bbox"]
        name = CLASSES[shape["category_id"] // 2]
        objects += (
            f"<object><name>{name}</name><difficult>0</difficult><bndbox>"
            f"<xmin>{x + 1}</xmin><ymin>{y + 1}</ymin><xmax>{x + width}</xmax>"
            f"<ymax>{y + height}</ymax></bndbox>"
            "<part><name>corner</name></part></object>"
        )
    return (
        f"<annotation><folder>elsewhere</folder><filename>{image['file_name']}"
        f"</filename><size><width>{image['width']}</width><height>{image['height']}"
        f"</height><depth>3</depth></size>{objects}</annotation>"
    )


def write_labelme(folder: Path, coco: Path, *, shape: str) -> Path:
    """The same set in LabelMe's layout: FOLDER/PART/*.json beside the images."""
    for file in sorted((coco / "annotations").iterdir()):
        part = file.stem.removeprefix("instances_")
        shutil.copytree(coco / part, folder / part)
        content = read_json(file)
        for image in content["images"]:
            shapes = [a for a in content["annotations"] if a["image_id"] == image["id"]]
            path = (folder / part / image["file_name"]).with_suffix(".json")
            write_json(path, labelme_content(image, shapes, shape))
    return folder


def labelme_content(
    image: dict[str, Any], shapes: list[dict[str, Any]], kind: str
) -> dict[str, Any]:
    """What LabelMe writes for an image, with all objects as shapes of a kind."""
    found = []
    for shape in shapes:
        x, y, width, height = shape["bbox"]
        outline = shape["segmentation"][0]
        points = [*zip(outline[::2], outline[1::2], strict=True)]
        corners = [(x + width, y), (x, y + height)]  # drawn from the upper right
        found.append(
            {
                "label": CLASSES[shape["category_id"] // 2],
                "points": points if kind == "polygon" else corners,
                "group_id": None,
                "shape_type": kind,
                "flags": {},
            }
        )
    return {
        "version": "5.4.1",
        "flags": {},
        "shapes": found,
        "imagePath": f"..\\elsewhere\\{image['file_name']}",
        "imageData": None,
        "imageHeight": image["height"],
        "imageWidth": image["width"],
    }


def coco_content(part: str, count: int, *, height: int, width: int) -> dict[str, Any]:
    """The content of a COCO file with two objects in each image."""
    random = np.random.default_rng(len(part))
    content: dict[str, Any] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 1, "name": CLASSES[0]}, {"id": 3, "name": CLASSES[1]}],
    }
    for number in range(1, count + 1):
        content["images"].append(
            {
                "id": number,
                "file_name": f"{part}-{number}.png",
                "height": height,
                "width": width,
            }
        )
        for place, category in enumerate((1, 3)):
            side = int(random.integers(height // 4, height // 2))
            x = int(random.integers(0, width // 2 - side // 2)) + place * width // 2
            x = min(x, width - side)
            y = int(random.integers(0, height - side))
            content["annotations"].append(
                annotation(2 * number + place, number, category, x, y, side)
            )
    return content


def annotation(
    number: int, image: int, category: int, x: int, y: int, side: int
) -> dict[str, Any]:
    """A square (category 1) or a disc, with its outline."""
    if category == 1:
        outline = [x, y, x + side, y, x + side, y + side, x, y + side]
    else:
        turns = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        half = side / 2
        points = np.stack(
            (x + half + half * np.cos(turns), y + half + half * np.sin(turns))
        )
        outline = points.T.round(2).flatten().tolist()
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "bbox": [x, y, side, side],
        "area": float(side * side),
        "iscrowd": 0,
        "segmentation": [outline],
    }


def drawn(
    shapes: list[dict[str, Any]], height: int, width: int, random: np.random.Generator
) -> Image.Image:
    """A grey noisy image with the shapes on it."""
    noise = random.integers(100, 140, (height, width, 3), np.uint8)
    picture = Image.fromarray(noise)
    draw = ImageDraw.Draw(picture)
    for shape in shapes:
        colour = (240, 220, 60) if shape["category_id"] == 1 else (20, 30, 120)
        draw.polygon(shape["segmentation"][0], fill=colour)
    return picture


def write_json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
