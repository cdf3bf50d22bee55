/* SPDX-License-Identifier: GPL-2.0-only */
/* Leaving the realm with a known value in every register, see rec_regs.h. */
#include <rsi-defs.h>

#define SEED	0
#define HOW	8
#define SHARED	16
#define AFTER	24
#define SAVED	32
#define FRAME	(SAVED + 96)

	.text
	.globl	guest_gprs_raw
	.type	guest_gprs_raw, %function
guest_gprs_raw:
	sub	sp, sp, #FRAME
	stp	x0, x1, [sp, #SEED]
	stp	x2, x3, [sp, #SHARED]
	stp	x19, x20, [sp, #SAVED + 0]
	stp	x21, x22, [sp, #SAVED + 16]
	stp	x23, x24, [sp, #SAVED + 32]
	stp	x25, x26, [sp, #SAVED + 48]
	stp	x27, x28, [sp, #SAVED + 64]
	stp	x29, x30, [sp, #SAVED + 80]

	mov	x1, #0x50000000
	tbz	x0, #0, 1f
	mov	x1, #0xa0000000
1:	msr	nzcv, x1
	mov	x1, #0x10000
	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	mov	x\n, #\n
	madd	x\n, x\n, x1, x0
	.endr
	.irp	n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, #\n
	madd	x\n, x\n, x1, x0
	.endr

	/* No flags from here on */
	ldr	x0, [sp, #HOW]
	adr	x1, 2f
	add	x1, x1, x0, lsl #5
	br	x1

	/* One of 32 bytes for each enum leave */
	.balign	32
2:	ldr	x0, =SMC_RSI_HOST_CALL
	adrp	x1, gprs_call
	add	x1, x1, :lo12:gprs_call
	smc	#0
	b	9f

	.balign	32
	wfi
	b	9f

	.balign	32
	ldr	x1, [sp, #SHARED]
	add	x1, x1, #0x1000
	ldr	x0, [x1]
	b	9f

	.balign	32
	msr	S3_0_C12_C11_5, xzr		/* ICC_SGI1R_EL1 */
	b	9f

	.balign	32
	ldr	x1, [sp, #SHARED]
3:	ldr	x0, [x1]
	cbz	x0, 3b
	b	9f

	.balign	32
	movz	x0, #0xc400, lsl #16
	movk	x0, #0x0001			/* PSCI CPU_SUSPEND */
	smc	#0

9:	str	x30, [sp, #SEED]
	ldr	x30, [sp, #AFTER]
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	str	x\n, [x30, #8 * \n]
	.endr
	.irp	n, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
	str	x\n, [x30, #8 * \n]
	.endr
	ldr	x0, [sp, #SEED]
	mrs	x1, nzcv
	stp	x0, x1, [x30, #8 * 30]

	ldp	x19, x20, [sp, #SAVED + 0]
	ldp	x21, x22, [sp, #SAVED + 16]
	ldp	x23, x24, [sp, #SAVED + 32]
	ldp	x25, x26, [sp, #SAVED + 48]
	ldp	x27, x28, [sp, #SAVED + 64]
	ldp	x29, x30, [sp, #SAVED + 80]
	add	sp, sp, #FRAME
	ret
	.ltorg
	.size	guest_gprs_raw, . - guest_gprs_raw

	/* struct rsi_host_call with imm = READY of rec_regs.c */
	.data
	.balign	256
gprs_call:
	.hword	1
	.balign	256
