#!/bin/sh
# Makes a checkout ready: virtual environment, pinned packages, the system libraries that Qt needs.
# Asks nothing; a second run only compares a stamp.
# Usage: setup.sh [test|package]   ("test" adds what only the tests need, "package" what only the packager needs)
set -eu
cd "$(dirname "$0")/.."

venv=.venv
wanted=${1:-run}
python=${PYTHON:-python3}

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 126; fi
}

# install_system PACKAGE...: by apt, or one line that tells the person what to run.
install_system() {
    command -v apt-get >/dev/null 2>&1 || die "these system packages are missing (Debian's names): $*"
    say "installing system packages: $*"
    as_root true || die "run this once, then try again:  sudo apt-get install -y $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        die "could not install: $*"
}

command -v "$python" >/dev/null 2>&1 || install_system python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.x"

if ! "$venv/bin/python" -c '' 2>/dev/null; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_system python3-venv
    say "creating $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

digest=$(cat packaging/constraints.txt pyproject.toml packaging/setup.sh | cksum | tr -d ' ')
stamp="$venv/.ready-$wanted-$digest"
if [ -e "$stamp" ] || [ -e "$venv/.ready-test-$digest" ]; then exit 0; fi

say "installing the pinned Python packages"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$venv/bin/python" -m pip install -q --require-hashes --no-deps -r packaging/constraints.txt
"$venv/bin/python" -m pip install -q --no-deps --no-build-isolation -e .

if [ "$(uname -s)" = Linux ]; then
    qt=$("$venv/bin/python" -c 'import importlib.util as u; print(list(u.find_spec("PySide6").submodule_search_locations)[0])')
    needed="$qt/QtWidgets.abi3.so $qt/QtSvg.abi3.so $qt/Qt/plugins/platforms/libqoffscreen.so"
    needed="$needed $qt/QtPrintSupport.abi3.so $qt/Qt/plugins/printsupport/libcupsprintersupport.so"
    if [ -n "${DISPLAY:-}" ]; then needed="$needed $qt/Qt/plugins/platforms/libqxcb.so"; fi
    # shellcheck disable=SC2086
    if ldd $needed 2>/dev/null | grep -q 'not found' || [ ! -d /usr/share/fonts/truetype/dejavu ]; then
        set -- libglib2.0-0 libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0 libcups2 fonts-dejavu-core
        [ -z "${DISPLAY:-}" ] || set -- "$@" libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-cursor0
        install_system "$@"
    fi
    if [ "$wanted" = package ]; then
        # The packager reads libraries with objdump and ships Python's own; the X11 ones go along where they are here.
        version=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        shared=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_config_var("Py_ENABLE_SHARED") or 0)')
        set -- binutils libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-cursor0
        if [ "$shared" = 1 ]; then set -- "$@" "libpython$version"; fi
        if command -v apt-get >/dev/null 2>&1; then install_system "$@"; fi
    fi
    if [ "$wanted" = test ]; then
        # The secret store is tested against a real Secret Service.
        command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v dbus-run-session >/dev/null 2>&1 ||
            install_system gnome-keyring dbus dbus-bin
    fi
fi

rm -f "$venv"/.ready-"$wanted"-*
: >"$stamp"
