"""Who follows the training of a detector."""

from rexpand.records import DetectionEpoch
from rexpand.train.progress import Follower

DetectionProgress = Follower[DetectionEpoch]
