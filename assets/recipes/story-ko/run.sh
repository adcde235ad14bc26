#!/bin/sh
# Makes the Korean story model again from nothing: corpus, tokenizer, weights, scores, card.
#   assets/recipes/story-ko/run.sh [OUTPUT_FOLDER [STEPS [STEPS_OF_STAGE_1]]]
# On Debian or Ubuntu it installs what is missing. About twenty minutes on one core.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$here/../../models/story-ko}
first=${2:-3500}
second=${3:-5000}
. "$recipes/common/setup.sh"
export PYTHONPATH="$recipes/bilingual:$PYTHONPATH"

$python "$here/train.py" "$out" --steps "$first"
$python "$here/train.py" "$out" --steps "$second" --stage 1
$python "$here/evaluate.py" "$out"
