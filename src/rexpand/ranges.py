"""The ranges of the field's quantities, under one name for files and options.

A range is generous (ten times what any paper used, or more) and still safe: what is in
it fits the integers of numpy and torch, and can be refused by its cost.
"""

from math import inf, isfinite

from rexpand.allowed import Line, Range


def _whole(least: int, most: int) -> Range:
    return Range(least=least, most=most)


def _real(
    least: float, most: float, *, above: bool = False, below: bool = False
) -> Range:
    assert isfinite(least)
    assert isfinite(most)
    return Range(least=least, most=most, is_whole=False, above=above, below=below)


# Names: they are printed, drawn, and part of the names of files
NAME = Line(longest=100, without="/\\")  # of a network, a data set, a study
CLASS_NAME = Line(longest=100)
PLACE = Line(longest=4096)  # a file or a folder, as the user gave it

# A network
WIDTH = _whole(1, 2_000_000)  # channels of one layer
OPTIONAL_WIDTH = _whole(0, 2_000_000)  # 0: the layer is left out
KERNEL = _whole(1, 101)  # SLaK has 51 (arXiv 2207.03620)
STRIDE = _whole(1, 64)
DILATION = _whole(1, 4_096)
GROUPS = _whole(1, 65_536)
DEPTH = _whole(1, 2_000)  # blocks; the deepest ResNet has 600 (arXiv 1512.03385)
IN_CHANNELS = _whole(1, 4_096)  # of an image; hyperspectral ones have hundreds
RESOLUTION = _whole(1, 8_192)  # pixels
CLASSES = _whole(0, 1_000_000)  # 0: no classifier
SOME_CLASSES = _whole(1, 1_000_000)
IMAGE_SIDE = _whole(1, 65_536)  # pixels of a file
RUN = _whole(0, 2**31)  # pixels of a mask that are alike
MULTIPLE_OF = _whole(1, 4_096)
ROUNDING = _whole(0, 4_096)  # 0: unrounded
DIVISOR = _whole(1, 65_536)  # an inner width is a width divided by it
EXPAND_RATIO = _real(0, 1_000, above=True)
INPUT_SCALE = _real(1e-6, 1e6)  # of the inputs of a random layer
EXPANSION = _real(1, 1_000)  # of a block that never has fewer inner channels
NODE = _whole(0, 1_000)  # of a cell
MULTIPLIER = _real(0, 1_000, above=True)
SHARE = _real(0, 1, above=True, below=True)
AGREEMENT = _real(0, 1)  # share of images with the same top class
RATE = _real(0, 1, below=True)  # of dropping, smoothing, decay, momentum
NORM_EPS = _real(0, 1)
REDUCTION = _whole(1, 2**31)  # pixels of the image for one of a map

# A detector
ANCHOR = _real(0, 100_000, above=True)  # side in pixels, or in sides of the image
ASPECT_RATIO = _real(0, 1_000, above=True)
BOXES = _whole(1, 1_000_000)  # of one image
SCALE = _real(0, 1e12, above=True)  # a value is divided by it

FINITE = _real(-1e12, 1e12)

# A budget, and the rule that gives channels
SCALING_BASE = _real(1, 16)  # of depth, width or resolution
SCALING_PARTS = _whole(1, 12)  # of a doubling: (n + 1)(n + 2) / 2 rules
PHI = _real(-24, 24)  # exponent of those
PEAK_BYTES = _real(0, 1e15, above=True)  # of activations alive together
VALUE_BYTES = _whole(1, 8)  # of a number
MACS = _real(0, 1e18, above=True)
PARAMS = _real(0, 1e15, above=True)
ELEMENTS = _real(0, 1e18, above=True)  # of maps: written, or read and written
LATENCY_MS = _real(0, 1e9, above=True)
INTERCEPT = _real(0, 65_536)
GROWTH = _real(
    1, 1_000_000, above=True
)  # of channels: the last block's over the first's

# A training
EPOCHS = _whole(1, 100_000)
BATCH_SIZE = _whole(2, 65_536)  # batch norm needs two images
ACCUMULATION = _whole(1, 32_768)  # micro-batches of a step
FROZEN_LEVELS = _whole(0, 16)  # maps of a backbone that a detector takes
GROUP_FACTOR = _whole(0, 64)  # groups of aspect ratios between 1 and 2
IMAGES = _whole(0, 1_000_000_000)
SOME_IMAGES = _whole(1, 1_000_000_000)
FORWARD_BATCH = _whole(1, 65_536)  # without gradients
PATIENCE = _whole(0, 100_000)  # epochs; 0: none
LEARNING_RATE = _real(0, 1_000, above=True)
WEIGHT = _real(0, 1_000)  # of a penalty in the loss, weight decay included
TEMPERATURE = _real(0, 1_000, above=True)  # of a softmax
LAYER_DECAY = _real(0, 1, above=True)  # of the rate from a layer to the one before
WARMUP_EPOCHS = _real(0, 100_000)
STEP_EPOCHS = _real(0, 100_000, above=True)  # of a schedule in steps
PIXELS = _whole(0, 8_192)  # of padding, or of a square cut out
MAGNITUDE = _real(0, 10)  # of an operation of RandAugment
OPERATIONS = _whole(1, 100)
DISTORTION = _real(0, 1)  # of brightness, contrast or saturation, from 1 to both sides
HUE = _real(0, 0.5)  # of the circle of colours
SIDES = _real(1, 100)  # times another side
SCALE = _real(0, 100, above=True)  # of an image
SHARE_OR_ALL = _real(0, 1, above=True)
TRIES = _whole(1, 1_000)
PROBABILITY = _real(0, 1)
INTERVAL = _real(0, 1_000_000_000, above=True)  # seconds between two checkpoints
STEPS = _whole(1, 1_000_000_000)

# An experiment
TRIALS = _whole(1, 100_000)
TRIAL = _whole(0, 99_999)  # trials count from 0
SEEDS = _whole(1, 1_000)
LEASE = _real(1, 86_400)  # seconds that a driver may be silent
HOURS = _real(0, 100_000)
DESIGN_HOURS = _real(0, 10_000, above=True)  # from the data to the network
SEED = _whole(0, 2**32 - 1)  # what numpy's generators take
GENERATION = _whole(2, 100_000)  # trials that a sampler proposes at a time
PROXY_IMAGES = _whole(2, 4_096)  # in one batch: their kernel is square
SAMPLES = _real(1, 1_000)  # positions per channel: fewer than 1 bound the rank
GUIDELINE = _whole(1, 4)  # of ShuffleNetV2
ROUNDS = _whole(2, 100_000)  # of timing
VERDICT_ROUNDS = _whole(6, 100_000)  # fewer give no interval of 95 %
INTERVAL_WIDTH = _real(0, 1, above=True)  # of a median, as a share of it
FITTED = _whole(4, 1_000)  # configurations of a latency model: fewer hold none out
CONFIGURATIONS = _whole(5, 1_000)  # of a latency table: the network and those

# A result
PERCENT = _real(0, 100)
GAIN = _real(-100, 100)  # a difference of two
RATIO = _real(-10, 10)  # of a rank, with its interval: charts draw what is near 0 to 1
AVERAGE_PRECISION = _real(0, 1)  # and a recall, and the overlap of two regions
SECONDS = _real(0, 1e12)
MILLISECONDS = _real(0, 1e15)
COUNT = _whole(0, 10**18)  # of params or MACs
MEASURED = Range(least=-inf, most=inf, is_whole=False, or_nan=True)

# The machine
THREADS = _whole(1, 1_024)
JOBS = _whole(1, 256)  # processes
PORT = _whole(0, 65_535)  # 0: any that is free
UP_TIME = _real(0, 31_536_000)  # seconds of a server: a year
