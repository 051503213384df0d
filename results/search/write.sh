#!/bin/sh
# The table, its card and its pages from the studies as they stand, finished or not.
set -eu
cd "$(dirname "$0")/../.."
rexpand=${REXPAND:-.venv/bin/rexpand} here=results/search
$rexpand search table runs/search_table/macs_1200k runs/search_table/macs_2M \
    --out $here/cifar100.parquet
$rexpand report table $here/cifar100.parquet --out $here
${PYTHON:-.venv/bin/python} scripts/search_table.py
