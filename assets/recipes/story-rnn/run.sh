#!/bin/sh
# Makes the model again from nothing: weights, measurements, card. Half an hour at most on one core.
#   assets/recipes/story-rnn/run.sh [OUTPUT_FOLDER [STEPS_OF_EACH_ROUND]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$recipes/../models/story-rnn}
. "$recipes/common/setup.sh"

$python "$recipes/common/train_stories.py" "$here/recipe.json" "$out" ${2:+--steps "$2"}
$python "$recipes/common/evaluate_stories.py" "$here" "$out"
