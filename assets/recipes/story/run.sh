#!/bin/sh
# Makes the story model again from nothing: corpus, tokenizer, weights, scores, card.
#   assets/recipes/story/run.sh [OUTPUT_FOLDER [STEPS [STEPS_OF_STAGE_1 [AND_OF_ITS_SECOND_ROUND]]]]
# On Debian or Ubuntu it installs what is missing. About three quarters of an hour on two cores.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../models/story}
first=${2:-4000}
second=${3:-3750}
third=${4:-5000}
packages="python3-torch libopenblas0-pthread python3-numpy"

python=/usr/bin/python3
if ! $python -c "import torch, numpy" 2>/dev/null; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
fi

# glibc gives large blocks back after each step; keeping them makes training twice as fast.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 MALLOC_TOP_PAD_=268435456
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} PYTHONDONTWRITEBYTECODE=1
unset OPENBLAS_CORETYPE || true

mkdir -p "$out"
$python "$here/bpe.py" "$out/tokenizer.json"
# Stage 0 stops before its schedule ends; stage 1 goes on from there and comes to rest, twice.
$python "$here/train.py" "$out" "$out/training.jsonl" --steps 9000 --stop "$first"
$python "$here/train.py" "$out" "$out/training.jsonl" --steps "$second" --stage 1 --seed 1
$python "$here/train.py" "$out" "$out/training.jsonl" --steps "$third" --stage 1 --seed 2
$python "$here/evaluate.py" "$out"
