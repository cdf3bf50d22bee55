// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that the host emulates (DEN0137 A4.2.3, A4.4). The host moves the bytes; which
 * register is the target, and how it is extended, only the RMM knows.
 */
#include <linux/bitfield.h>
#include <sysreg.h>
#include "run.h"

static unsigned int access_bits(u64 esr)
{
	return 8U << FIELD_GET(ESR_SAS, esr);
}

u64 emul_access_mask(u64 esr)
{
	return ~0ULL >> (64 - access_bits(esr));
}

static u64 extend(u64 data, u64 esr)
{
	u64 sign = 1ULL << (access_bits(esr) - 1);

	data &= emul_access_mask(esr);
	if (!(esr & ESR_SSE))
		return data;

	data = (data ^ sign) - sign;
	return esr & ESR_SF ? data : (u32)data;
}

void emul_complete(struct rec_context *ctx, u64 data)
{
	u64 esr = ctx->fault.esr;

	if (!(esr & ESR_WNR))
		rec_set_gpr(ctx, FIELD_GET(ESR_SRT, esr), extend(data, esr));
	rec_step(ctx, esr);
}
