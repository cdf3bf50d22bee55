# SPDX-License-Identifier: GPL-2.0-only
#
# Goals for people. What each needs is in scripts/steps.

goals := run test realm shell kernel firmware firmware-test selftests series mutants bench fuzz check check-bisect

export KDIR FIRMWARE QEMU JOBS V DEBUG RME NO_INSTALL TESTS DEMO GUEST MUTANTS BENCH FIRST DURATION

.PHONY: help clean $(goals)
help:
	@echo 'make run            boot QEMU with RME and show realms using emulated devices'
	@echo 'make test           run all tests; TESTS="NAME ..." only these selftests'
	@echo 'make realm          a shell in a Linux realm'
	@echo 'make shell          a shell on the host kernel, the selftests in /tests'
	@echo 'make kernel         the host kernel, with the series, in build/linux'
	@echo 'make firmware       EL3 monitor and RMM'
	@echo 'make firmware-test  their bare-metal tests; TESTS="TEXT ..." those with it in their name'
	@echo 'make selftests      the KVM selftests'
	@echo 'make series         the patches as mail, in out/series'
	@echo 'make mutants        break kernel and firmware line by line: the tests must notice (slow);'
	@echo '                    MUTANTS="NAME ..." only these; or kernel, firmware, survivors'
	@echo 'make bench          count the instructions of a round trip to emulated devices, and compare'
	@echo '                    with scripts/bench.expected; BENCH=update writes that file'
	@echo 'make fuzz           fuzz the devices of realmrun, natively, for 60 s; DURATION=N: for N s'
	@echo 'make check          checkpatch, sparse, W=1, shellcheck'
	@echo 'make check-bisect   build after each patch, in several configurations (slow); FIRST=N: from there on'
	@echo 'make clean          remove build/ and out/; downloads and ccache stay'
	@echo
	@echo 'KDIR=DIR       a clean Linux 7.3 tree instead of the packaged source'
	@echo 'FIRMWARE=FILE  another flash image for QEMU, with an RMM 2.0'
	@echo 'QEMU=PROGRAM   another qemu-system-aarch64'
	@echo 'RME=off        without firmware and realms'
	@echo 'DEBUG=1        with lockdep, kmemleak and the like in the host kernel'
	@echo 'GUEST=NAME     the kernel in Linux realms: own, own-16k, own-64k, debian, debian-16k'
	@echo 'JOBS=N         processes at once (default: all CPUs)'
	@echo 'V=1            show the output of all steps'
	@echo 'NO_INSTALL=1   name missing packages instead of installing them'

# Without the flags of this make: each tool gets its own.
$(goals):
	@exec env MAKEFLAGS= MAKELEVEL= scripts/steps $@

clean:
	rm -rf build out
