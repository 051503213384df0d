"""Where tasks run beside this process: each worker runs one at a time.

No worker outlives its driver.
"""

from rexpand.workers.death import end_with_parent
from rexpand.workers.pool import Pool, Tell
from rexpand.workers.processes import processes
from rexpand.workers.ray_cluster import RayCluster
from rexpand.workers.ray_pool import ray_pool
from rexpand.workers.remote import Remote

__all__ = [
    "Pool",
    "RayCluster",
    "Remote",
    "Tell",
    "end_with_parent",
    "processes",
    "ray_pool",
]
