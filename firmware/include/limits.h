/* SPDX-License-Identifier: GPL-2.0-only */
/* The compiler's own <limits.h> wants a C library behind it; libfdt wants this much. */
#ifndef FIRMWARE_LIMITS_H
#define FIRMWARE_LIMITS_H

#define INT_MAX		__INT_MAX__
#define UINT_MAX	(INT_MAX * 2U + 1)

#endif /* FIRMWARE_LIMITS_H */
