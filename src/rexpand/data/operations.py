"""RandAugment's 15 operations and how strong they are at most: timm's.

A level is a magnitude over the strongest, from -1 to 1, and a strength is its size. What
applies them is `rand_augment` for batches, and `rand_augment_image` for one image.
"""

MOST = 10  # the strongest magnitude

# Each byte replaced by another
TABLES = (
    "auto_contrast",
    "equalize",
    "invert",
    "posterize",
    "solarize",
    "solarize_add",
    "contrast",
    "brightness",
)
MOVES = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
OPERATIONS = (*TABLES, "colour", "sharpness", *MOVES)  # a number is a place here

BITS = 4  # that `posterize` leaves
BELOW = 256  # `solarize` leaves bytes below it
ADDED = 110  # by `solarize_add`, to bytes below ADDED_BELOW
ADDED_BELOW = 128
LEAST_BLEND, BLEND = 0.1, 1.8  # from another version of the image towards it
DEGREES = 30
SHEAR = 0.3  # a pixel for each pixel away from the border
SHIFT = 0.45  # of the side
