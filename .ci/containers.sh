# A container engine whose images are made here, because image registries are not reached: the `podman` below
# tools/containers keeps its own store, so that nobody's images and settings are touched.
# shellcheck shell=bash
# shellcheck disable=SC2154 # .ci/tools.sh sets `cache`, `bin`, `tools` and `requirements`

# The images that rendered Dockerfiles start from; under the same names stand what is made of Debian and of PyPI's uv.
python_image=docker.io/library/python:3.13-slim-trixie
uv_image=ghcr.io/astral-sh/uv:$(sed -n 's/^uv==//p' "$requirements/uv.txt")

# podman runs containers without a daemon. With runc: crun refuses a kernel that offers both versions of cgroups.
install_container_engine() {
    local missing=() program
    for program in podman runc mmdebstrap; do
        PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing+=("$program")
    done
    if ((${#missing[@]} != 0)); then
        if ! command -v apt-get >/dev/null; then
            echo "${missing[*]} cannot be installed here: this is no Debian, and containers are not tested"
            return
        fi
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
    podman --version
}

# The store is kept in a folder named after its recipe, this file; an interrupted one leaves no marker and is made again.
install_images() {
    local home archive
    if ! command -v podman >/dev/null; then
        echo "no podman here"
        return
    fi
    home=$cache/containers/$(digest "$requirements/uv.txt" .ci/containers.sh)
    if [[ ! -e $home/.complete ]]; then
        mkdir -p "$home/bin"
        write_engine "$home"
        archive=$cache/containers/python-$(digest <(declare -f make_python_archive)).tar
        if [[ ! -e $archive ]]; then
            make_python_archive "$archive.part"
            mv "$archive.part" "$archive"
        fi
        "$home/bin/podman" import --quiet --change 'CMD ["python3"]' "$archive" "$python_image"
        tar --directory "$(dirname "$(realpath "$bin/uv")")" --create uv uvx |
            "$home/bin/podman" import --quiet --change 'ENTRYPOINT ["/uv"]' - "$uv_image"
        touch "$home/.complete"
    fi
    ln -sfn "$home" "$tools/containers"
    "$tools/containers/bin/podman" images
}

# write_engine HOME: podman's settings, and the program that takes them.
write_engine() {
    local home=$1
    # Sockets lie below runroot, and podman waits in vain for one whose path is longer than the kernel allows.
    cat >"$home/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$home/storage"
runroot = "${XDG_RUNTIME_DIR:-/run}/new-service-$(basename "$home")"
END
    # Without CAP_SYS_RESOURCE podman cannot set the limits that are its default. Builds and containers trust the
    # certificates that this machine trusts. podman 4 writes the word host-gateway where Docker writes the address,
    # so the address stands in every container's hosts file beforehand.
    cat >"$home/containers.conf" <<END
[containers]
base_hosts_file = "$home/hosts"
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
volumes = ["/etc/ssl/certs:/etc/ssl/certs:ro", "$home/uv.toml:/etc/uv/uv.toml:ro", "$home/pip.conf:/etc/pip.conf:ro"]

[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
END
    echo 'system-certs = true' >"$home/uv.toml"
    printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$home/pip.conf"
    cat >"$home/bin/podman" <<END
#!/bin/sh
export CONTAINERS_CONF='$home/containers.conf' CONTAINERS_STORAGE_CONF='$home/storage.conf'
exec $(command -v podman) "\$@"
END
    chmod +x "$home/bin/podman"
    touch "$home/hosts"
    printf '127.0.0.1 localhost\n%s host.docker.internal\n' "$(bridge_address "$home/bin/podman")" >"$home/hosts"
}

# bridge_address PODMAN: under which containers reach this machine.
bridge_address() {
    "$1" network inspect podman | sed -n 's/.*"gateway": "\(.*\)".*/\1/p'
}

# make_python_archive FILE: a Debian with Python and pip where the real image has them, without bytecode as there, and
# without the mark that forbids pip.
make_python_archive() {
    local archive=$1
    # shellcheck disable=SC2016 # mmdebstrap's shell expands $1, the folder of the new system
    mmdebstrap --quiet --format=tar --variant=minbase --include=python3,python3-venv,python3-pip,ca-certificates \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --customize-hook='for name in python python3 python3.13; do ln -s /usr/bin/python3.13 "$1/usr/local/bin/$name"; done' \
        --customize-hook='ln -s /usr/bin/pip "$1/usr/local/bin/pip"' \
        --customize-hook='rm "$1/usr/lib/python3.13/EXTERNALLY-MANAGED"' \
        --customize-hook='find "$1/usr/lib" -name "*.pyc" -delete' \
        trixie "$archive" "$(debian_mirror)"
}

# The mirror that this machine's own apt takes Debian's releases from; a machine that never asked it does so first.
debian_mirror() {
    local mirror
    mirror=$(known_mirror)
    if [[ -z $mirror ]]; then
        apt-get update -qq
        mirror=$(known_mirror)
    fi
    if [[ -z $mirror ]]; then
        echo "error: apt takes nothing from a mirror of Debian here, and the base image is made of its packages" >&2
        return 1
    fi
    echo "$mirror"
}

known_mirror() {
    # shellcheck disable=SC2016 # apt expands $(REPO_URI)
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1
}
