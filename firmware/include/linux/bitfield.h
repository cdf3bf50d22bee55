/* SPDX-License-Identifier: GPL-2.0-only */
/* Access to the bit fields that a constant mask names, as in the kernel. */
#ifndef FIRMWARE_LINUX_BITFIELD_H
#define FIRMWARE_LINUX_BITFIELD_H

#define FIELD_SHIFT(mask)	__builtin_ctzll(mask)
#define FIELD_MAX(mask)		((mask) >> FIELD_SHIFT(mask))

/* A value that does not fit is cut off; check with FIELD_FIT() where it comes from outside. */
#define FIELD_PREP(mask, val)	\
	((__typeof__(mask))((((unsigned long long)(val)) << FIELD_SHIFT(mask)) & (mask)))

#define FIELD_GET(mask, reg)	\
	((__typeof__(mask))(((reg) & (mask)) >> FIELD_SHIFT(mask)))

#define FIELD_FIT(mask, val)	\
	(!((((unsigned long long)(val)) << FIELD_SHIFT(mask)) & ~(mask)) && \
	 (unsigned long long)(val) <= FIELD_MAX(mask))

#endif /* FIRMWARE_LINUX_BITFIELD_H */
