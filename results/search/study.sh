#!/bin/sh
# One of the studies of results/search: study.sh 1200k, study.sh 2M.
# It stops at any time and goes on where it stood. A study that grows keeps what it has and
# draws the rest: the steps are part of what it is.
set -eu
cd "$(dirname "$0")/../.."
# Freed memory is kept: the networks are small, and the kernel's zeros cost a third.
export OMP_NUM_THREADS=1 MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=2147483647
for trials in 20 60 100; do
    ${REXPAND:-.venv/bin/rexpand} search run --data cifar100 \
        --network results/search/network.toml --resolution 12 --macs "$1" \
        --trials $trials --seeds 2 --recipe search --epochs 2 --train-subset 10000 \
        --batch-size 32 --augment plain --set validation=5000 \
        --jobs 1 --worker-threads 1 --out "runs/search_table/macs_$1"
done
