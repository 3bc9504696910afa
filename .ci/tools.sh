# Installs what the checks need into a cache folder, once per set of pins.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/new-service-ci
bin=$cache/bin
tools=$cache/tools
requirements=.ci/requirements

# Where the machine has a certificate store, its administrator's certificates count for uv as they do for pip.
if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then
    export UV_SYSTEM_CERTS=1
fi

install_system_packages() {
    local missing=() command
    for command in git make; do
        command -v "$command" >/dev/null || missing+=("$command")
    done
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    if ((${#missing[@]} == 0)); then
        echo "git, make and venv are here"
        return
    fi
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# pip's --target works where venv is split off or the system environment is not to be touched.
install_uv() {
    local home
    home=$cache/uv-$(digest "$requirements/uv.txt")
    if [[ ! -x $home/bin/uv ]]; then
        python3 -m pip install --quiet --target "$home" -r "$requirements/uv.txt"
    fi
    mkdir -p "$bin"
    ln -sf "$home/bin/uv" "$home/bin/uvx" "$bin/"
    "$bin/uv" --version
}

# The link gives later steps a `python3.13` on PATH that starts, which a pyenv shim of an unselected version does not.
install_python313() {
    local found
    found=$(find_python313)
    if [[ -z $found ]]; then
        echo "no working Python 3.13 here: asking uv for one"
        "$bin/uv" python install 3.13 || true
        found=$("$bin/uv" python find --managed-python 3.13 2>/dev/null || true)
    fi
    if [[ -z $found ]]; then
        echo "error: rendered services run on Python 3.13, and none could be found or installed" >&2
        echo "hint: put a python3.13 on PATH, or under ~/.pyenv/versions" >&2
        return 1
    fi
    ln -sf "$found" "$bin/python3.13"
    "$bin/python3.13" --version
}

find_python313() {
    local candidate
    while read -r candidate; do
        if "$candidate" -c 'import ssl, sys, venv; raise SystemExit(sys.version_info[:2] != (3, 13))' 2>/dev/null; then
            "$candidate" -c 'import os, sys; print(os.path.realpath(sys.executable))'
            return
        fi
    done < <(
        type -ap python3.13 || true
        compgen -G "$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")/versions/3.13*/bin/python3.13" || true
        "$bin/uv" python find --managed-python 3.13 2>/dev/null || true
    )
}

# install_tool NAME PYTHON: a tool's environment, kept in a folder named after its pins and linked as tools/NAME.
install_tool() {
    local name=$1 python=$2 home
    home=$cache/venvs/$name-$(digest "$requirements/$name.txt" <("$python" --version))
    make_venv "$home" "$python" -r "$requirements/$name.txt"
    mkdir -p "$tools"
    ln -sfn "$home" "$tools/$name"
}

# The project runs from the clone; only its dependencies are installed, and boto3 to look into the emulator.
install_project() {
    make_venv "$(project_home)" "$(python_of_project)" -r pyproject.toml --extra test --extra lint \
        -r "$requirements/project.txt"
}

project_home() { echo "$cache/venvs/project-$(digest pyproject.toml "$requirements/project.txt" <(python_of_project))"; }
project_bin() { echo "$(project_home)/bin"; }
python_of_project() { python3 -c 'import os, sys; print(os.path.realpath(sys.executable))'; }

# make_venv FOLDER PYTHON ARGS...: an interrupted installation leaves no marker and is made again.
make_venv() {
    local home=$1 python=$2
    shift 2
    if [[ ! -e $home/.complete ]]; then
        "$bin/uv" venv --quiet --clear --no-project --python "$python" "$home"
        "$bin/uv" pip install --quiet --python "$home/bin/python" "$@"
        touch "$home/.complete"
    fi
    "$home/bin/python" --version
}

digest() { cat "$@" | sha256sum | cut -c1-12; }
