/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * u64 guest_access_raw(const u32 *code, u64 addr, u64 value)
 *
 * Calls code that uses any register: address in X9 and X12, value in X11 and X14, return
 * address in X10 and X13, result in X14 (guest_access.c).
 */
	.text
	.globl	guest_access_raw
	.type	guest_access_raw, %function
guest_access_raw:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x9, x1
	mov	x12, x1
	mov	x11, x2
	mov	x14, x2
	adr	x10, 1f
	mov	x13, x10
	br	x0
1:	mov	x0, x14
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	.size	guest_access_raw, . - guest_access_raw
