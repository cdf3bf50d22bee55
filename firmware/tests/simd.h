/* SPDX-License-Identifier: GPL-2.0-only */
/* FP, SIMD and SVE registers, for the host's and the realm's side of tests. */
#ifndef TESTS_SIMD_H
#define TESTS_SIMD_H

#include <linux/types.h>

#define SVE_MAX_BYTES		256

/* V<n>: value + n in both halves */
void simd_fill(u64 value);

/* V0 to V31, 16 bytes each */
void simd_dump(u64 *v);

/* Z<n>: value + n in each doubleword; allowed in streaming mode */
void z_fill(u64 value);

/* Z0 to Z31, sve_bytes() each */
void z_dump(u64 *z);

/*
 * As z_fill(), and P<n>: all true if bit n of value is set; FFR: one bit, two if value
 * is even
 */
void sve_fill(u64 value);

/* As z_dump(), and P0 to P15 and FFR, an eighth of sve_bytes() each */
void sve_dump(u64 *z, u8 *p, u8 *ffr);

/* Bytes of a vector */
unsigned long sve_bytes(void);

/** simd_differs() - first V register that is not as simd_fill() made it, 32 for none */
unsigned int simd_differs(u64 value);

/** z_differs() - first Z register that is not as z_fill() made it, 32 for none */
unsigned int z_differs(u64 value);

/**
 * sve_differs() - first register that is not as sve_fill() made it
 *
 * Return: n for Z<n>, 32 + n for P<n>, 48 for FFR, 49 for none
 */
unsigned int sve_differs(u64 value);

#define SIMD_SAME		32
#define SVE_SAME		49

#endif /* TESTS_SIMD_H */
