/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first instructions of a vCPU whose EL1 registers the host cannot set.
 *
 * Copied into a page of guest memory that is mapped at its own address, in
 * front of struct vcpu_boot, to which X0 points. Runs with the MMU off and
 * turns it on.
 */
#include "realm.h"

	.pushsection ".entry.text", "ax"
	.balign 8
	.global vcpu_boot_stub
vcpu_boot_stub:
	mov	x19, x0

	ldr	x1, [x19, #VCPU_BOOT_CPACR]
	msr	cpacr_el1, x1
	ldr	x1, [x19, #VCPU_BOOT_MAIR]
	msr	mair_el1, x1
	ldr	x1, [x19, #VCPU_BOOT_TCR]
	msr	tcr_el1, x1
	ldr	x1, [x19, #VCPU_BOOT_TTBR0]
	msr	ttbr0_el1, x1
	ldr	x1, [x19, #VCPU_BOOT_VBAR]
	msr	vbar_el1, x1
	ldr	x1, [x19, #VCPU_BOOT_TPIDR]
	msr	tpidr_el1, x1
	isb

	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb

	ldr	x1, [x19, #VCPU_BOOT_SCTLR]
	mrs	x2, sctlr_el1
	orr	x2, x2, x1
	msr	sctlr_el1, x2
	isb

	ldr	x1, [x19, #VCPU_BOOT_SP]
	mov	sp, x1
	ldr	x16, [x19, #VCPU_BOOT_ENTRY]
	ldp	x0, x1, [x19, #VCPU_BOOT_ARGS]
	ldp	x2, x3, [x19, #VCPU_BOOT_ARGS + 16]
	ldp	x4, x5, [x19, #VCPU_BOOT_ARGS + 32]
	ldp	x6, x7, [x19, #VCPU_BOOT_ARGS + 48]
	mov	x29, xzr
	mov	x30, xzr
	br	x16
	.global vcpu_boot_stub_end
vcpu_boot_stub_end:
	.popsection
