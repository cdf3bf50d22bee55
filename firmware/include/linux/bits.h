/* SPDX-License-Identifier: GPL-2.0-only */
/* Masks with the kernel's names; usable in assembly. */
#ifndef FIRMWARE_LINUX_BITS_H
#define FIRMWARE_LINUX_BITS_H

#include <linux/const.h>

#define BITS_PER_LONG		64
#define BITS_PER_LONG_LONG	64

#define BIT(n)			(UL(1) << (n))
#define BIT_ULL(n)		(ULL(1) << (n))

/* Bits l to h, both included. */
#define GENMASK(h, l)		((~UL(0) << (l)) & (~UL(0) >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~ULL(0) << (l)) & (~ULL(0) >> (63 - (h))))

#endif /* FIRMWARE_LINUX_BITS_H */
