# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Configurations of the kernel other than the one in use: each has an output
# directory, .build-NAME, in the tree $linux; $log gets what make says. Sourced,
# never run.

configure()
{
	local name=$1 line

	shift
	kout=$linux/.build-$name
	mkdir -p "$kout"
	printf '%s\n' "$@" >"$kout/.fragment"
	kernel_make allnoconfig
	(cd "$kout" && "$linux/scripts/kconfig/merge_config.sh" -m .config \
		"$top/scripts/configs/host.config" .fragment)
	kernel_make olddefconfig
	for line; do
		grep -qxF "$line" "$kout/.config" || die "$name: not in the configuration: $line"
	done
}

configure_others()
{
	configure nokvm '# CONFIG_VIRTUALIZATION is not set'
	configure 16k CONFIG_ARM64_16K_PAGES=y '# CONFIG_ARM64_4K_PAGES is not set'
	configure 64k CONFIG_ARM64_64K_PAGES=y '# CONFIG_ARM64_4K_PAGES is not set'
}

# Build, and print what was wrong. Objects that are named are compiled in any case: a
# warning must not be missed for being old.
compile()
{
	local name=$1 status=0 target

	shift
	kout=$linux/.build-$name
	for target; do
		case $target in
		*.o)	rm -f "$kout/$target" ;;
		esac
	done
	kernel_make "$@" >"$log" 2>&1 || status=$?
	grep -aE '(warning|error):|\*\*\*' "$log" || [ "$status" = 0 ] || tail -n 20 "$log"
}
