#!/bin/sh
# Makes the headline writer again from nothing: corpus, tokenizer, weights, scores, card.
#   assets/recipes/headline/run.sh [OUTPUT_FOLDER [STEPS]]
# On Debian or Ubuntu it installs what is missing. About a quarter of an hour on one core.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$here/../../models/headline}
steps=${2:-9000}
. "$recipes/common/setup.sh"
export PYTHONPATH="$recipes/bilingual:$PYTHONPATH"

$python "$here/train.py" "$out" --steps "$steps"
$python "$here/evaluate.py" "$out"
