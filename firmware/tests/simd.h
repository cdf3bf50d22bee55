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

/*
 * Z<n>: value + n in each doubleword; P<n>: all true if bit n of value is set. Allowed
 * in streaming mode.
 */
void zp_fill(u64 value);

/* Z0 to Z31, sve_bytes() each, and P0 to P15, an eighth of that each */
void zp_dump(u64 *z, u8 *p);

/* As zp_fill(), and FFR: one bit, two if value is even */
void sve_fill(u64 value);

/* As zp_dump(), and FFR, as long as a P register */
void sve_dump(u64 *z, u8 *p, u8 *ffr);

/* The ZA array to and from za_vl() vectors of as many bytes */
void za_fill(const u64 *za);
void za_dump(u64 *za);

/* Bytes of a vector in streaming mode */
unsigned long za_vl(void);

/* Bytes of a vector */
unsigned long sve_bytes(void);

/** simd_differs() - first V register that is not as simd_fill() made it, 32 for none */
unsigned int simd_differs(u64 value);

/**
 * zp_differs() - first register that is not as zp_fill() made it
 *
 * Return: n for Z<n>, 32 + n for P<n>, 48 for none
 */
unsigned int zp_differs(u64 value);

/**
 * sve_differs() - first register that is not as sve_fill() made it
 *
 * Return: n for Z<n>, 32 + n for P<n>, 48 for FFR, 49 for none
 */
unsigned int sve_differs(u64 value);

/** simd_is_zero() - are V0 to V31 all zero? */
bool simd_is_zero(void);

/** sve_nonzero() - first register that is not zero, numbered as by sve_differs() */
unsigned int sve_nonzero(void);

#define SIMD_SAME		32
#define ZP_SAME			48
#define SVE_SAME		49

#endif /* TESTS_SIMD_H */
