/* SPDX-License-Identifier: GPL-2.0-only */
/* Code in the realm that uses all registers, see guest_access.h. */
#include <rsi-defs.h>

	.macro	save_callee_saved
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.endm

	.macro	restore_callee_saved
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	.endm

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
	save_callee_saved
	mov	x9, x1
	mov	x12, x1
	mov	x11, x2
	mov	x14, x2
	adr	x10, 1f
	mov	x13, x10
	br	x0
1:	mov	x0, x14
	restore_callee_saved
	ret
	.size	guest_access_raw, . - guest_access_raw

/* void guest_registers_raw(struct rsi_host_call *call, u64 *after) */
	.globl	guest_registers_raw
	.type	guest_registers_raw, %function
guest_registers_raw:
	save_callee_saved
	str	x1, [sp, #-16]!
	mov	x1, x0
	ldr	x0, =SMC_RSI_HOST_CALL
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	mov	x\n, #0x100 + \n
	.endr
	.irp	n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, #0x100 + \n
	.endr
	smc	#0
	str	x30, [sp, #8]
	ldr	x30, [sp]
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	str	x\n, [x30, #8 * \n]
	.endr
	.irp	n, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	str	x\n, [x30, #8 * \n]
	.endr
	ldr	x0, [sp, #8]
	str	x0, [x30, #8 * 30]
	add	sp, sp, #16
	restore_callee_saved
	ret
	.ltorg
	.size	guest_registers_raw, . - guest_registers_raw
