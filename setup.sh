#!/usr/bin/env bash
# setup.sh VENV REQUIREMENTS: makes the virtual environment with exactly the pinned packages, and Sordino in it.
# On a Debian machine without the venv module it installs that with apt when it may, and says what to do when not.
set -euo pipefail
venv=$1
requirements=$2
python=${PYTHON:-python3}

say() { echo "setup: $*"; }

command -v "$python" >/dev/null || { say "no $python found; install Python 3.11 or newer, or name one: make PYTHON=python3.12 ..."; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { say "$("$python" -V) is too old; Sordino needs Python 3.11 or newer"; exit 1; }

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      say "installing $package with apt (this Python comes without the venv module)"
      apt-get update -qq >/dev/null
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null
    else
      say "this Python comes without the venv module: sudo apt-get install $package"
      exit 1
    fi
  fi
  "$python" -m venv "$venv"
fi

say "installing the packages of $requirements"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: -r "$requirements"
# Sordino itself is put on the path as it stands here, so that nothing has to be built.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
pwd > "$site/sordino.pth"
printf '#!%s\nfrom gateway.cli import main\nraise SystemExit(main())\n' "$(cd "$venv" && pwd)/bin/python" > "$venv/bin/sordino"
chmod +x "$venv/bin/sordino"
