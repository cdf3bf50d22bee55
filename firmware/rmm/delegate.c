// SPDX-License-Identifier: GPL-2.0-only
/* Delegation: granules move between the host's and the Realm PAS (DEN0137 A2.3.6). */
#include <linux/arm-smccc.h>
#include <console.h>
#include <sysreg.h>
#include "inject_answer.h"
#include "rmi.h"
#include "rmm.h"

/* A command over a range stops after so much, to bound the time the host waits. */
#define MAX_GRANULES		512

static long el3_gtsi(unsigned long fid, unsigned long pa)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a1 = pa };

	arm_smccc_1_2_smc(&regs, &regs);
	return regs.a0;
}

bool el3_delegate(unsigned long pa)
{
	return el3_gtsi(RMM_GTSI_DELEGATE, pa) == E_RMM_OK;
}

bool el3_undelegate(unsigned long pa)
{
	return el3_gtsi(RMM_GTSI_UNDELEGATE, pa) == E_RMM_OK;
}

/* The specification lets a range command end for an interrupt at any time (A2.3.6.2). */
bool irq_yield(bool progress)
{
	return read_sysreg(isr_el1) && (progress || test_control_knob(TEST_KNOB_YIELD));
}

/* Contents stay as they are: every use of a delegated granule writes all of it. */
static bool delegate_one(unsigned long pa)
{
	struct granule *g = granule_lock(pa, GRANULE_NS);

	if (!g)
		return false;
	if (!el3_delegate(pa)) {
		granule_unlock(g);
		return false;
	}
	granule_unlock_as(g, GRANULE_DELEGATED);
	return true;
}

static bool undelegate_one(unsigned long pa)
{
	struct granule *g = granule_lock(pa, GRANULE_DELEGATED);

	if (!g)
		return false;
	granule_wipe(pa);
	if (!el3_undelegate(pa))
		panic("EL3 does not take back granule %lx", pa);
	granule_unlock_as(g, GRANULE_NS);
	return true;
}

static bool range_ok(unsigned long base, unsigned long top)
{
	return GRANULE_ALIGNED(base) && GRANULE_ALIGNED(top) && top > base;
}

/* Both commands: do as much as can be done at once, fail only when that is nothing. */
static rmi_status_t for_range(unsigned long base, unsigned long top, bool (*one)(unsigned long pa),
			      int sign, u64 *out_top)
{
	unsigned long end = min(top, base + MAX_GRANULES * GRANULE_SIZE);
	bool yields = false;
	unsigned long pa;

	for (pa = base; pa < end; pa += GRANULE_SIZE) {
		yields = irq_yield(pa > base);
		if (yields || !one(pa))
			break;
	}

	if (pa == base && !yields)
		return rmi_ret_granule(base);

	granule_count(sign * (long)((pa - base) / GRANULE_SIZE));
	*out_top = pa;
	return rmi_ret(RMI_SUCCESS);
}

/* DEN0137 B4.5.17 */
rmi_status_t handle_granule_range_delegate(const u64 *in, u64 *out)
{
	if (!range_ok(in[0], in[1]))
		return rmi_ret(RMI_ERROR_INPUT);

	return for_range(in[0], in[1], delegate_one, 1, &out[0]);
}

/* DEN0137 B4.5.18 */
rmi_status_t handle_granule_range_undelegate(const u64 *in, u64 *out)
{
	if (!range_ok(in[0], in[1]))
		return rmi_ret(RMI_ERROR_INPUT);

	return for_range(in[0], in[1], undelegate_one, -1, &out[0]);
}
