/* SPDX-License-Identifier: GPL-2.0-only */
/* Entry points and exception vectors of the realm's side of tests, see guest.h. */
#include <sysreg.h>
#include "guest.h"

#define CPACR_FPEN_ZEN	0x00330000
#define SPSR_I_AND_F	0xc0

	.arch	armv8.5-a+memtag

	.text
	.globl	guest_psci_entry
guest_psci_entry:
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]

	.globl	guest_entry
guest_entry:
	mov	sp, x2
	msr	tpidr_el1, x3
	adr	x4, guest_vectors
	msr	vbar_el1, x4
	mov	x4, #CPACR_FPEN_ZEN
	msr	cpacr_el1, x4
	isb
	mov	x29, xzr
	mov	x30, xzr
	b	guest_main

/* As guest_entry, with X1 an array for the values of X0 to X30 on entry */
	.globl	guest_dump_entry
guest_dump_entry:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	x\n, [x1, #8 * \n]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str	x\n, [x1, #8 * \n]
	.endr
	b	guest_entry

/*
 * void guest_run_el0(const void *entry, u64 pstate, u64 x0, u64 x1)
 */
	.globl	guest_run_el0
guest_run_el0:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	mov	x0, x2
	mov	x1, x3
	eret

/* The frame of the exception is on top of that of guest_run_el0. */
guest_svc:
	add	sp, sp, #64
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.macro	guest_vector, offset
	.balign	0x80
	sub	sp, sp, #64
	stp	x0, x1, [sp, #0]
	stp	x2, x3, [sp, #16]
	stp	x4, x30, [sp, #32]
	mov	x4, #\offset
	b	guest_trapped
	.endm

	.balign	0x800
guest_vectors:
	.irp	offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380
	guest_vector	\offset
	.endr
	.irp	offset, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
	guest_vector	\offset
	.endr

/* x4 = vector offset; x0 to x4 and x30 are on the stack. */
	.balign	0x80
guest_trapped:
	/* NZCV is still that of PSTATE at the exception. */
	mrs	x3, nzcv
	mrs	x0, esr_el1
	ubfx	x0, x0, #26, #6
	cmp	x0, #0x11			/* SVC from AArch32 */
	b.eq	guest_svc
	cmp	x0, #0x15			/* SVC from AArch64 */
	b.eq	guest_svc

	mrs	x2, daif
	orr	x3, x3, x2
	mrs	x2, CurrentEL
	orr	x3, x3, x2
	mrs	x2, SPSel
	orr	x3, x3, x2
	mrs	x2, S3_0_C4_C2_3		/* PAN */
	orr	x3, x3, x2

	mrs	x0, tpidr_el1
	mov	x1, #GUEST_TRAP_SIZE
	mul	x0, x0, x1
	adrp	x1, guest_traps
	add	x1, x1, :lo12:guest_traps
	add	x0, x0, x1

	/* Those that not every CPU has */
	mrs	x1, id_aa64mmfr2_el1
	ubfx	x2, x1, #4, #4
	cbz	x2, 1f
	mrs	x2, S3_0_C4_C2_4		/* UAO */
	orr	x3, x3, x2
1:	mrs	x1, id_aa64pfr0_el1
	ubfx	x2, x1, #48, #4
	cbz	x2, 1f
	mrs	x2, S3_3_C4_C2_5		/* DIT */
	orr	x3, x3, x2
1:	mrs	x1, id_aa64pfr1_el1
	ubfx	x2, x1, #4, #4
	cmp	x2, #2
	b.lo	1f
	mrs	x2, S3_3_C4_C2_6		/* SSBS */
	orr	x3, x3, x2
1:	ubfx	x2, x1, #8, #4
	cbz	x2, 1f
	mrs	x2, S3_3_C4_C2_7		/* TCO */
	orr	x3, x3, x2
1:
	str	x3, [x0, #GUEST_TRAP_PSTATE]
	str	x4, [x0, #GUEST_TRAP_VECTOR]
	mrs	x1, esr_el1
	str	x1, [x0, #GUEST_TRAP_ESR]
	mrs	x2, far_el1
	str	x2, [x0, #GUEST_TRAP_FAR]
	mrs	x2, spsr_el1
	str	x2, [x0, #GUEST_TRAP_SPSR]
	mrs	x2, elr_el1
	str	x2, [x0, #GUEST_TRAP_ELR]
	ldr	x3, [x0, #GUEST_TRAP_COUNT]
	add	x3, x3, #1
	str	x3, [x0, #GUEST_TRAP_COUNT]
	ldr	x3, [x0, #GUEST_TRAP_EXPECTED]
	cbz	x3, 3f

	/* Back from an IRQ or FIQ, with both masked. */
	ubfx	x3, x4, #7, #2			/* 1: IRQ, 2: FIQ */
	sub	x3, x3, #1
	cmp	x3, #2
	b.hs	2f
	mrs	x1, spsr_el1
	orr	x1, x1, #SPSR_I_AND_F
	msr	spsr_el1, x1
	b	4f

	/* A software step ends the stepping. */
2:	ubfx	x1, x1, #26, #6
	cmp	x1, #0x33			/* software step from EL1 */
	b.ne	2f
	mrs	x1, mdscr_el1
	bic	x1, x1, #1			/* SS */
	msr	mdscr_el1, x1
	b	4f

	/* Past the instruction; after a fetch that failed, back to the caller. */
2:	add	x2, x2, #4
	cmp	x1, #0x21				/* instruction abort from EL1 */
	csel	x2, x30, x2, eq
	msr	elr_el1, x2
4:	ldp	x0, x1, [sp, #0]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x30, [sp, #32]
	add	sp, sp, #64
	eret

3:	bl	guest_unexpected
	b	.
