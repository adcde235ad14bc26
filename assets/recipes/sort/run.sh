#!/bin/sh
# Makes the sorting model again from nothing: data, weights, card. About a minute.
#   assets/recipes/sort/run.sh [OUTPUT_FOLDER [STEPS]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$recipes/../models/sort}
. "$recipes/common/setup.sh"

$python "$here/train.py" "$out" --steps "${2:-8000}"
$python "$here/evaluate.py" "$out"
