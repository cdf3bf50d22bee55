# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What every script here shares: where things are, and how to say what is
# wrong. Sourced, never run.
# shellcheck disable=SC2034 # its variables are for those who source it

set -euo pipefail

# A git hook may be what runs us; its repository is not the one we work on.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# What compilers and other tools say is searched for words: it has to be English.
export LC_ALL=C.UTF-8
unset LANGUAGE

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build
logs=$build/logs
cache=${XDG_CACHE_HOME:-$HOME/.cache}/realm-mmio

linux=$build/linux
linux_version=7.3

jobs=${JOBS:-$(nproc)}

# The kernel is configured in variants: as it is tested, with everything that
# finds mistakes, and for guests. Each has its own output directory, directly
# below the source so that the compiler sees relative paths and ccache hits in any
# checkout.
if [ -n "${VARIANT:-}" ]; then
	variant=$VARIANT
elif [ -n "${DEBUG:-}" ] && [ "$DEBUG" != 0 ]; then
	variant=debug
else
	variant=host
fi
kout=$linux/.build-$variant

# What time limits are multiplied with
slowness=1
[ "$variant" != debug ] || slowness=4
headers=$build/headers

cross=aarch64-linux-gnu-

# Lines of a console: Linux, or our bare-metal tests, are about to power the machine
# off; and the line that scripts/qemu then writes to the log of the firmware.
power_off='^\[ *[0-9.]+\] reboot: Power down|^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped'
after_power_off='---- after the request to power off'
power_off+="|^$after_power_off"

mkdir -p "$logs"

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# The checks ask git what the series changes; an error must not look like "nothing".
require_assembled()
{
	local ref

	for ref in base refs/realm/assembled; do
		git -C "$linux" rev-parse -q --verify "$ref" >/dev/null ||
			die "no $ref in ${linux#"$top"/}"
	done
}

note()
{
	printf '%s\n' "$*"
}

# The compiler cache belongs to the user, not to the checkout. Compiling is
# made independent of where the checkout is: paths below it are hashed
# relative to the working directory.
ccache_environment()
{
	export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache}
	export CCACHE_BASEDIR=$top
	export CCACHE_NOHASHDIR=1
	mkdir -p "$CCACHE_DIR"
}

# Run make in the kernel tree with the arguments every call has in common.
# Fixed build time and user: the same source gives the same Image.
kernel_make()
{
	ccache_environment
	KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026' \
	KBUILD_BUILD_USER=realm KBUILD_BUILD_HOST=mmio \
		make -C "$linux" O="$kout" ARCH=arm64 LOCALVERSION= \
		CROSS_COMPILE="$cross" CC="ccache ${cross}gcc" \
		-j"$jobs" ${V:+V=$V} "$@"
}

# Write what the standard input gives to a file, in one step and only if it
# differs from what is there: nobody ever sees half a file, and make is not
# woken for nothing.
write_if_changed()
{
	local file=$1 new

	new=$(mktemp "$file.XXXXXX")
	cat >"$new"
	if cmp -s "$new" "$file"; then
		rm -f "$new"
	else
		chmod 644 "$new"
		mv "$new" "$file"
	fi
}

# The newest package among the downloads whose file name matches, if there is one.
newest_deb()
{
	mkdir -p "$cache/deb"
	find "$cache/deb" -name "$1" | sort -V | tail -n 1
}
