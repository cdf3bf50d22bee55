/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP, SIMD and SVE registers to and from memory. The caller has made them accessible.
 * An SVE register takes as many bytes as ZCR_EL2 makes it long.
 */
	.arch	armv8.5-a+sve

	.macro	function name
	.global	\name
	.type	\name, %function
\name:
	.endm

	.macro	each16 insn, reg, addr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\insn	\reg\n, [\addr, #\n, mul vl]
	.endr
	.endm

	.macro	fp_pairs insn, addr
	\insn	q0, q1, [\addr, #0x000]
	\insn	q2, q3, [\addr, #0x020]
	\insn	q4, q5, [\addr, #0x040]
	\insn	q6, q7, [\addr, #0x060]
	\insn	q8, q9, [\addr, #0x080]
	\insn	q10, q11, [\addr, #0x0a0]
	\insn	q12, q13, [\addr, #0x0c0]
	\insn	q14, q15, [\addr, #0x0e0]
	\insn	q16, q17, [\addr, #0x100]
	\insn	q18, q19, [\addr, #0x120]
	\insn	q20, q21, [\addr, #0x140]
	\insn	q22, q23, [\addr, #0x160]
	\insn	q24, q25, [\addr, #0x180]
	\insn	q26, q27, [\addr, #0x1a0]
	\insn	q28, q29, [\addr, #0x1c0]
	\insn	q30, q31, [\addr, #0x1e0]
	.endm

	.macro	z_high insn, addr
	.set	slot, 0
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn	z\n, [\addr, #slot, mul vl]
	.set	slot, slot + 1
	.endr
	.endm

	.text

/* void simd_save_fp(void *v): V0 to V31, 16 bytes each */
function simd_save_fp
	fp_pairs stp, x0
	ret

/* void simd_load_fp(const void *v) */
function simd_load_fp
	fp_pairs ldp, x0
	ret

/* void simd_save_z(void *z_low, void *z_high): Z0 to Z15, Z16 to Z31 */
function simd_save_z
	each16	str, z, x0
	z_high	str, x1
	ret

/* void simd_load_z(const void *z_low, const void *z_high) */
function simd_load_z
	each16	ldr, z, x0
	z_high	ldr, x1
	ret

/* void simd_save_p(void *p): P0 to P15 */
function simd_save_p
	each16	str, p, x0
	ret

/* void simd_load_p(const void *p) */
function simd_load_p
	each16	ldr, p, x0
	ret

/* void simd_save_ffr(void *ffr): needs P0, whose value is lost */
function simd_save_ffr
	rdffr	p0.b
	str	p0, [x0]
	ret

/* void simd_load_ffr(const void *ffr): needs P0, whose value is lost */
function simd_load_ffr
	ldr	p0, [x0]
	wrffr	p0.b
	ret

/* unsigned long simd_vl(void): bytes of an SVE register */
function simd_vl
	rdvl	x0, #1
	ret
