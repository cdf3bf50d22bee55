/* SPDX-License-Identifier: GPL-2.0-only */
/* The only code of a realm that makes SMCs for the test, see smc_page.h. */
#include <rsi-defs.h>
#include "smc_page.h"

/* Copied to the beginning of a page, so that nothing outside of it is reached. */
	.section .rodata, "a"
	.balign	8
	.globl	smc_page_start, smc_page_end
smc_page_start:
	adr	x19, smc_page_start + SMC_PAGE_CALL
1:	mov	x0, #(SMC_RSI_HOST_CALL & 0xffff)
	movk	x0, #(SMC_RSI_HOST_CALL >> 16), lsl #16
	mov	x1, x19
	smc	#0
	ldp	x0, x1, [x19, #8]
	ldp	x2, x3, [x19, #24]
	ldp	x4, x5, [x19, #40]
	ldp	x6, x7, [x19, #56]
	ldp	x8, x9, [x19, #72]
	ldp	x10, x11, [x19, #88]
	ldp	x12, x13, [x19, #104]
	ldp	x14, x15, [x19, #120]
	ldp	x16, x17, [x19, #136]
	smc	#0
	stp	x0, x1, [x19, #8]
	stp	x2, x3, [x19, #24]
	stp	x4, x5, [x19, #40]
	stp	x6, x7, [x19, #56]
	stp	x8, x9, [x19, #72]
	stp	x10, x11, [x19, #88]
	stp	x12, x13, [x19, #104]
	stp	x14, x15, [x19, #120]
	stp	x16, x17, [x19, #136]
	b	1b
smc_page_end:
