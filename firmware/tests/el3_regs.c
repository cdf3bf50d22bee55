// SPDX-License-Identifier: GPL-2.0-only
/* What a call of the host leaves alone: general-purpose registers and flags. */
#include <rmi-defs.h>
#include "harness.h"

#define PSCI_VERSION	0x84000000
#define NOT_A_FUNCTION	0x84001234

/* DEN0028: registers that may be results of any call; the others only if it says so. */
#define NR_RESULTS	4

#define FLAGS		(BIT_ULL(31) | BIT_ULL(29))	/* N and C */

/* el3_regs_call.S */
struct all_regs {
	u64 x[31];
	u64 nzcv;
};

void smc_with_all_regs(struct all_regs *regs);

/* A value that is another for each register, with ones in both halves */
static u64 pattern(unsigned int i)
{
	return ULL(0x5a00c30000690000) + i * ULL(0x0001000100010001);
}

/* @kept: first register that the call has to keep; X1 to X3 are the arguments. */
static void check_call(u64 fid, u64 arg, unsigned int kept)
{
	struct all_regs regs = { .nzcv = FLAGS };

	for (unsigned int i = 0; i < ARRAY_SIZE(regs.x); i++)
		regs.x[i] = pattern(i);
	regs.x[0] = fid;
	regs.x[1] = arg;
	smc_with_all_regs(&regs);

	for (unsigned int i = kept; i < ARRAY_SIZE(regs.x); i++) {
		if (regs.x[i] != (i == 1 ? arg : pattern(i)))
			test_failed(__FILE__, __LINE__, "0x%llx: x%u is 0x%llx", fid, i, regs.x[i]);
	}
	check_eq(regs.nzcv, FLAGS);
}

static void rmi_call(void)
{
	check_call(SMC_RMI_FEATURES, 0, NR_RESULTS);
	check_call(SMC_RMI_RTT_CREATE, 0, NR_RESULTS);
}

static void monitor_call(void)
{
	check_call(PSCI_VERSION, pattern(1), 1);
	check_call(NOT_A_FUNCTION, pattern(1), 1);
}

const struct test el3_regs_tests[] = {
	{ "an RMI call keeps what is no result", rmi_call },
	{ "a call of the monitor changes X0 only", monitor_call },
	{ },
};
