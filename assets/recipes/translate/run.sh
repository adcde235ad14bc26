#!/bin/sh
# Makes the translator again from nothing: corpus, tokenizer, weights, scores, card.
#   assets/recipes/translate/run.sh [OUTPUT_FOLDER [STEPS]]
# On Debian or Ubuntu it installs what is missing. About a quarter of an hour on one core.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$here/../../models/translate}
steps=${2:-6000}
. "$recipes/common/setup.sh"
export PYTHONPATH="$recipes/bilingual:$PYTHONPATH"

$python "$here/train.py" "$out" --steps "$steps"
$python "$here/evaluate.py" "$out"
