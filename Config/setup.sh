#!/bin/sh
# Installs what a machine lacks to build and run Linecook: git, pkg-config, the headers of libcurl and
# libyaml, the certificates, the time zones, and bubblewrap for agents in a sandbox; git-lfs too when CI is set, since
# its tests run only where it is. Says nothing when all of it is there.
#
#     Config/setup.sh && swift run linecook demo
#
# apt, dnf, apk, pacman or Homebrew does the work, as root where it has to. Nothing is asked: on a terminal
# sudo may want a password; without one, what is missing is said together with the command that installs it.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "Config/setup.sh: $*" >&2; }

has() { command -v "$1" >/dev/null 2>&1; }

has_library() { has pkg-config && pkg-config --exists "$1"; }

# The headers of libcurl come with Apple's SDK, without a file for pkg-config.
has_curl() {
    has_library libcurl && return
    has xcrun && [ -f "$(xcrun --show-sdk-path 2>/dev/null)/usr/include/curl/curl.h" ]
}

has_certificates() {
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
        [ -s "$file" ] && return
    done
    return 1
}

# What is missing, in the words of `packages_of`.
missing() {
    has git || echo git
    has pkg-config || echo pkg-config
    has_curl || echo curl
    has_library yaml-0.1 || echo yaml
    has_certificates || echo certificates
    [ -e /usr/share/zoneinfo/Europe/Berlin ] || echo zones
    [ "$(uname)" != Linux ] || has bwrap || echo sandbox
    [ -z "${CI:-}" ] || has git-lfs || echo large-files
}

find_manager() {
    for tool in apt-get dnf apk pacman brew; do
        if has "$tool"; then
            echo "$tool"
            return
        fi
    done
}

# packages_of MANAGER WORD…: what the manager calls these things.
packages_of() {
    manager=$1
    shift
    for word in "$@"; do
        case $manager:$word in
            *:git) echo git ;;
            apt-get:pkg-config) echo pkg-config ;;
            dnf:pkg-config) echo pkgconf-pkg-config ;;
            *:pkg-config) echo pkgconf ;;
            apt-get:curl) echo libcurl4-openssl-dev ;;
            dnf:curl) echo libcurl-devel ;;
            apk:curl) echo curl-dev ;;
            *:curl) echo curl ;;
            apt-get:yaml) echo libyaml-dev ;;
            dnf:yaml) echo libyaml-devel ;;
            apk:yaml) echo yaml-dev ;;
            *:yaml) echo libyaml ;;
            *:certificates) echo ca-certificates ;;
            *:zones) echo tzdata ;;
            *:sandbox) echo bubblewrap ;;
            *:large-files) echo git-lfs ;;
        esac
    done
}

# install_with MANAGER PACKAGE…: the lists of packages are fetched only when the ones at hand won't do.
install_with() {
    manager=$1
    shift
    case $manager in
        apt-get)
            apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0"
            $root $apt install -y --no-install-recommends "$@" >/dev/null 2>&1 || {
                $root $apt update && $root $apt install -y --no-install-recommends "$@" >/dev/null
            }
            ;;
        dnf) $root dnf -q -y install "$@" ;;
        apk) $root apk add -q --no-cache "$@" ;;
        pacman)
            $root pacman -S -q --needed --noconfirm "$@" >/dev/null 2>&1 ||
                $root pacman -Sy -q --needed --noconfirm "$@"
            ;;
        brew) HOMEBREW_NO_AUTO_UPDATE=1 brew install -q "$@" ;;
    esac
}

by_hand() {
    case $1 in
        apt-get) echo "apt-get update && apt-get install -y" ;;
        dnf) echo "dnf -y install" ;;
        apk) echo "apk add" ;;
        pacman) echo "pacman -Sy --needed" ;;
        brew) echo "brew install" ;;
    esac
}

# How to become root, in `root`: not at all for Homebrew, which refuses it, and for who is it already.
become_root() {
    root=
    if [ "$1" = brew ] || [ "$(id -u)" -eq 0 ]; then
        return 0
    elif ! has sudo; then
        return 1
    elif [ -t 0 ]; then
        root=sudo
    else
        root="sudo -n"
        $root true 2>/dev/null
    fi
}

install_missing() {
    words=$(missing)
    [ -n "$words" ] || return 0
    list=$(echo $words)
    manager=$(find_manager)
    if [ -z "$manager" ]; then
        say "missing: $list, and none of apt, dnf, apk, pacman and Homebrew is here;" \
            "install git, pkg-config and the development files of libcurl and libyaml by hand"
        exit 1
    fi
    packages=$(echo $(packages_of "$manager" $words))
    if ! become_root "$manager"; then
        say "missing: $list; this needs root: $(by_hand "$manager") $packages"
        exit 1
    fi
    say "installs $packages with $manager"
    if ! install_with "$manager" $packages; then
        say "$manager didn't install $packages; its own words are above"
        [ "$manager" != dnf ] ||
            say "on RHEL, Alma and Rocky libyaml-devel is in CRB: dnf config-manager --set-enabled crb"
        exit 1
    fi
    left=$(echo $(missing))
    if [ -n "$left" ]; then
        say "$manager installed $packages, yet this is still missing: $left"
        exit 1
    fi
}

check_swift() {
    needed=$(sed -n 's|^// *swift-tools-version: *\([0-9]*\.[0-9]*\).*|\1|p' Package.swift)
    if ! has swift; then
        say "no Swift toolchain: install Swift $needed or newer from https://www.swift.org/install" \
            "and see that 'swift' is on the PATH"
        exit 1
    fi
    found=$(swift --version 2>/dev/null |
        sed -n 's|.*Swift version \([0-9]*\.[0-9]*\).*|\1|p' | head -n 1)
    if [ -z "$found" ]; then
        say "$(command -v swift) doesn't say its version; Swift $needed or newer is needed:" \
            "https://www.swift.org/install"
        exit 1
    fi
    oldest=$(printf '%s\n' "$needed" "$found" | sort -t . -k 1,1n -k 2,2n | head -n 1)
    if [ "$oldest" != "$needed" ]; then
        say "$(command -v swift) is Swift $found; Swift $needed or newer is needed:" \
            "https://www.swift.org/install"
        exit 1
    fi
}

install_missing
check_swift
