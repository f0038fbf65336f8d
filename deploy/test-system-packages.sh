#!/bin/sh
# Install, with apt-get, what the tests need from the system and the machine lacks; say so where that is not allowed.
set -eu

missing=""
postgres=$(for directory in /usr/lib/postgresql/*/bin; do printf ':%s' "$directory"; done)

# need PROGRAM PACKAGE...: the packages are missing when the program is. Debian puts some programs outside the PATH.
need() {
    program=$1
    shift
    PATH="$PATH:/usr/sbin:/usr/local/sbin$postgres" command -v "$program" >/dev/null 2>&1 || missing="$missing $*"
}

# The pages in a real browser, through Playwright, which downloads none of its own; the fonts draw what it shows.
need chromium chromium fonts-liberation fonts-dejavu-core
# The engines of a hub that many people use; the tests run servers of their own and leave the system's alone.
need initdb postgresql
need redis-server redis-server
# Two hubs behind deploy/nginx, which hands on clients' certificates with a few lines of JavaScript.
need nginx nginx-light
[ -e /usr/lib/nginx/modules/ngx_http_js_module.so ] || missing="$missing libnginx-mod-http-js"

[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "The tests need these packages, and only root may install them:$missing" >&2
    echo "Please run: sudo apt-get install$missing" >&2
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need what Debian packages as:$missing. This machine has no apt-get; install them its own way." >&2
    exit 1
fi

echo "Installing for the tests:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Another apt-get may be running on a machine that has just started: wait for its lock instead of failing.
# shellcheck disable=SC2086  # words on purpose: a list of packages, a command or nothing
{
    $as_root apt-get -o DPkg::Lock::Timeout=300 -qq update &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 -qq -y install --no-install-recommends $missing
} </dev/null >"$log" 2>&1 || {
    cat "$log" >&2
    exit 1
}
