# Sourced by each run.sh, after it has set `recipes` (the folder of all recipes).
# Installs what is missing on Debian or Ubuntu, and sets what makes training fast.
python=/usr/bin/python3
if ! $python -c "import torch, numpy" 2>/dev/null; then
    as_root=
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3-torch libopenblas0-pthread python3-numpy
fi

# glibc gives large blocks back after each step; keeping them makes training twice as fast.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 MALLOC_TOP_PAD_=268435456
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH="$recipes/common:$recipes/story${PYTHONPATH:+:$PYTHONPATH}"
unset OPENBLAS_CORETYPE || true
