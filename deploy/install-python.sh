#!/bin/sh
# Install one lock file, and the project itself, into .venv, which is created when it is missing.
# Usage: deploy/install-python.sh requirements-dev.lock     (PYTHON=... chooses the interpreter)
set -eu
cd "$(dirname "$0")/.."
lock=$1

supported() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if supported "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    echo "Countersign needs Python 3.11 or newer; none was found as ${PYTHON:-python3, python3.13, python3.12 or python3.11}." >&2
    echo "Install one, or name it: make demo PYTHON=/path/to/python3.11" >&2
    return 1
}

if ! supported .venv/bin/python; then
    python=$(find_python)
    echo "Creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv || {
        echo "The standard library's venv does not work here; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    }
fi

pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" </dev/null
}

# uv installs the same lock file about ten times as fast; pip does where uv has no build, or no way to the registry.
install() {
    .venv/bin/uv pip install --quiet --python .venv/bin/python "$@" </dev/null || pip "$@"
}

echo "Installing $lock into .venv"
pip --require-hashes -r requirements-build.lock
install --require-hashes -r "$lock"
# --no-build-isolation: else the build would fetch a setuptools that no lock file names.
install --no-deps --no-build-isolation --editable .
