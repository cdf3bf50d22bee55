/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into the realm and back. vectors.S sends exceptions from a lower EL to the
 * rec_exit_* labels with the realm's registers and SP_EL2 as it was at ERET.
 */
#include "run.h"

	.text

/* Frame: x19 to x30 of the RMM, then the struct rec_context */
	.set	FRAME_CTX, 12 * 8
	.set	FRAME_SIZE, 14 * 8

/*
 * unsigned long rec_run_el1(struct rec_context *ctx)
 * x[] is the first member of struct rec_context.
 */
	.global	rec_run_el1
	.type	rec_run_el1, %function
rec_run_el1:
	sub	sp, sp, #FRAME_SIZE
	stp	x19, x20, [sp, #0x00]
	stp	x21, x22, [sp, #0x10]
	stp	x23, x24, [sp, #0x20]
	stp	x25, x26, [sp, #0x30]
	stp	x27, x28, [sp, #0x40]
	stp	x29, x30, [sp, #0x50]
	str	x0, [sp, #FRAME_CTX]

	ldp	x2, x3, [x0, #0x10]
	ldp	x4, x5, [x0, #0x20]
	ldp	x6, x7, [x0, #0x30]
	ldp	x8, x9, [x0, #0x40]
	ldp	x10, x11, [x0, #0x50]
	ldp	x12, x13, [x0, #0x60]
	ldp	x14, x15, [x0, #0x70]
	ldp	x16, x17, [x0, #0x80]
	ldp	x18, x19, [x0, #0x90]
	ldp	x20, x21, [x0, #0xa0]
	ldp	x22, x23, [x0, #0xb0]
	ldp	x24, x25, [x0, #0xc0]
	ldp	x26, x27, [x0, #0xd0]
	ldp	x28, x29, [x0, #0xe0]
	ldr	x30, [x0, #0xf0]
	ldp	x0, x1, [x0, #0x00]
	eret
	sb
	.size	rec_run_el1, . - rec_run_el1

	.macro	exit_vector name, value
	.global	\name
	.type	\name, %function
\name:
	stp	x0, x1, [sp, #-16]!
	mov	x0, #\value
	b	rec_exit
	.size	\name, . - \name
	.endm

	exit_vector	rec_exit_sync, REC_VECTOR_SYNC
	exit_vector	rec_exit_irq, REC_VECTOR_IRQ
	exit_vector	rec_exit_fiq, REC_VECTOR_FIQ
	exit_vector	rec_exit_serror, REC_VECTOR_SERROR

/* x0 = REC_VECTOR_*; the realm's x0 and x1 are on the stack above the frame. */
	.type	rec_exit, %function
rec_exit:
	ldr	x1, [sp, #16 + FRAME_CTX]
	stp	x2, x3, [x1, #0x10]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x1, #0x00]
	stp	x4, x5, [x1, #0x20]
	stp	x6, x7, [x1, #0x30]
	stp	x8, x9, [x1, #0x40]
	stp	x10, x11, [x1, #0x50]
	stp	x12, x13, [x1, #0x60]
	stp	x14, x15, [x1, #0x70]
	stp	x16, x17, [x1, #0x80]
	stp	x18, x19, [x1, #0x90]
	stp	x20, x21, [x1, #0xa0]
	stp	x22, x23, [x1, #0xb0]
	stp	x24, x25, [x1, #0xc0]
	stp	x26, x27, [x1, #0xd0]
	stp	x28, x29, [x1, #0xe0]
	str	x30, [x1, #0xf0]

	ldp	x19, x20, [sp, #0x00]
	ldp	x21, x22, [sp, #0x10]
	ldp	x23, x24, [sp, #0x20]
	ldp	x25, x26, [sp, #0x30]
	ldp	x27, x28, [sp, #0x40]
	ldp	x29, x30, [sp, #0x50]
	add	sp, sp, #FRAME_SIZE
	ret
	.size	rec_exit, . - rec_exit
