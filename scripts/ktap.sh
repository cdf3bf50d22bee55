# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Report results as KTAP from a shell script. Sourced, never run.

ktap_count=0
ktap_failed=0

# result NAME WRONG: what is wrong, in lines; nothing means ok.
result()
{
	local name=$1 wrong=$2

	ktap_count=$((ktap_count + 1))
	if [ -n "$wrong" ]; then
		ktap_failed=$((ktap_failed + 1))
		printf '# %s\n' "${wrong//$'\n'/$'\n'# }"
		echo "not ok $ktap_count $name"
	else
		echo "ok $ktap_count $name"
	fi
}

# No result at all is none to be content with.
ktap_end()
{
	echo "1..$ktap_count"
	[ "$ktap_failed" = 0 ] && [ "$ktap_count" != 0 ]
}
