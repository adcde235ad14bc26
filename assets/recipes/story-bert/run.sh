#!/bin/sh
# Makes the BERT of the stories and its three fine-tuned forms again from nothing.
#   assets/recipes/story-bert/run.sh [FOLDER_OF_THE_FOUR_MODELS]
# On Debian or Ubuntu it installs what is missing. About twenty minutes on one core.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
recipes=$here/..
out=${1:-$here/../../models}
. "$recipes/common/setup.sh"
export PYTHONPATH="$recipes/bilingual:$PYTHONPATH"

for task in mlm topic entities similar; do
    $python "$here/train.py" "$out" $task
done
$python "$here/evaluate.py" "$out"
