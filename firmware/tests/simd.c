// SPDX-License-Identifier: GPL-2.0-only
/* Looks at FP, SIMD and SVE registers, see simd.h. */
#include "simd.h"

unsigned int simd_differs(u64 value)
{
	static u64 v[32 * 2] __aligned(16);
	unsigned int n;

	simd_dump(v);
	for (n = 0; n < 32; n++) {
		if (v[2 * n] != value + n || v[2 * n + 1] != value + n)
			break;
	}
	return n;
}

static bool z_is(const u64 *z, unsigned long bytes, u64 value)
{
	for (unsigned int i = 0; i < bytes / 8; i++) {
		if (z[i] != value)
			return false;
	}
	return true;
}

static bool p_is(const u8 *p, unsigned long bytes, u8 value)
{
	for (unsigned int i = 0; i < bytes; i++) {
		if (p[i] != value)
			return false;
	}
	return true;
}

static u64 z[32 * SVE_MAX_BYTES / 8] __aligned(16);
static u8 p[16 * SVE_MAX_BYTES / 8] __aligned(16);

/* Of what was dumped to z[] and p[] */
static unsigned int dump_differs(u64 value)
{
	unsigned long bytes = sve_bytes();
	unsigned int n;

	for (n = 0; n < 32; n++) {
		if (!z_is(z + n * bytes / 8, bytes, value + n))
			return n;
	}
	for (n = 0; n < 16; n++) {
		if (!p_is(p + n * bytes / 8, bytes / 8, value >> n & 1 ? 0xff : 0))
			return 32 + n;
	}
	return ZP_SAME;
}

unsigned int zp_differs(u64 value)
{
	zp_dump(z, p);
	return dump_differs(value);
}

unsigned int sve_differs(u64 value)
{
	static u8 ffr[SVE_MAX_BYTES / 8] __aligned(16);
	unsigned int n;

	sve_dump(z, p, ffr);
	n = dump_differs(value);
	if (n != ZP_SAME)
		return n;
	if (ffr[0] != (value & 1 ? 1 : 3) || !p_is(ffr + 1, sve_bytes() / 8 - 1, 0))
		return 48;
	return SVE_SAME;
}

bool simd_is_zero(void)
{
	static u64 v[32 * 2] __aligned(16);

	simd_dump(v);
	return z_is(v, sizeof(v), 0);
}

unsigned int sve_nonzero(void)
{
	static u8 p[16 * SVE_MAX_BYTES / 8] __aligned(16);
	static u8 ffr[SVE_MAX_BYTES / 8] __aligned(16);
	unsigned long bytes = sve_bytes();

	sve_dump(z, p, ffr);
	for (unsigned int n = 0; n < 32; n++) {
		if (!z_is(z + n * bytes / 8, bytes, 0))
			return n;
	}
	for (unsigned int n = 0; n < 16; n++) {
		if (!p_is(p + n * bytes / 8, bytes / 8, 0))
			return 32 + n;
	}
	return p_is(ffr, bytes / 8, 0) ? SVE_SAME : 48;
}
