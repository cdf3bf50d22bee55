/* SPDX-License-Identifier: GPL-2.0-only */
/* FP, SIMD and SVE registers, to be filled and looked at; see simd.h. */
	.arch	armv8.5-a+sve+sme

	.macro	function name
	.globl	\name
	.type	\name, %function
\name:
	.endm

	.text

function simd_fill
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	add	x1, x0, #\n
	dup	v\n\().2d, x1
	.endr
	ret

function simd_dump
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	q\n, [x0], #16
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	q\n, [x0], #16
	.endr
	ret

function z_fill
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	add	x1, x0, #\n
	dup	z\n\().d, x1
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	add	x1, x0, #\n
	dup	z\n\().d, x1
	.endr
	ret

function zp_fill
	mov	x2, x30
	bl	z_fill
	mov	x30, x2
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pfalse	p\n\().b
	tbz	x0, #\n, 1f
	ptrue	p\n\().b
1:
	.endr
	ret

function sve_fill
	ptrue	p0.b, vl1
	tbnz	x0, #0, 1f
	ptrue	p0.b, vl2
1:	wrffr	p0.b
	b	zp_fill

function z_dump
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	z\n, [x0, #\n, mul vl]
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	str	z\n, [x0, #\n, mul vl]
	.endr
	ret

function zp_dump
	mov	x3, x30
	bl	z_dump
	mov	x30, x3
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str	p\n, [x1, #\n, mul vl]
	.endr
	ret

function sve_dump
	mov	x4, x30
	bl	zp_dump
	mov	x30, x4
	rdffr	p0.b
	str	p0, [x2]
	ldr	p0, [x1]
	ret

function sve_bytes
	rdvl	x0, #1
	ret

/* Vector W12 of the array at a time; the streaming vector length is the number of vectors. */
function za_fill
	rdsvl	x2, #1
	mov	w12, wzr
1:	ldr	za[w12, 0], [x0]
	addsvl	x0, x0, #1
	add	w12, w12, #1
	cmp	w12, w2
	b.lo	1b
	ret

function za_dump
	rdsvl	x2, #1
	mov	w12, wzr
1:	str	za[w12, 0], [x0]
	addsvl	x0, x0, #1
	add	w12, w12, #1
	cmp	w12, w2
	b.lo	1b
	ret

function za_vl
	rdsvl	x0, #1
	ret
