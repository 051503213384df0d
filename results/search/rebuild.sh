#!/bin/sh
# The table of results/search again, from its trainings on: both studies side by side,
# one core each. It stops at any time and goes on where it stood.
set -eu
cd "$(dirname "$0")/../.."
results/search/study.sh 1200k &
small=$!
results/search/study.sh 2M &
large=$!
wait $small
wait $large
results/search/write.sh
