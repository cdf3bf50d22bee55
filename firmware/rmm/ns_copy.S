/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bool ns_copy(void *to, const void *from, unsigned long size)
 *
 * Copies @size bytes, a multiple of 8. A fault between ns_copy and ns_copy_end goes
 * on at ns_copy_fault (rmm_trap()); the result is then false.
 */
	.text
	.globl	ns_copy
	.globl	ns_copy_end
	.globl	ns_copy_fault
	.type	ns_copy, %function
ns_copy:
	cbz	x2, 2f
1:	ldr	x3, [x1], #8
	str	x3, [x0], #8
	subs	x2, x2, #8
	b.ne	1b
2:	mov	w0, #1
	ret
ns_copy_end:

ns_copy_fault:
	mov	w0, #0
	ret
	.size	ns_copy, . - ns_copy
