// SPDX-License-Identifier: GPL-2.0-only
/*
 * RMI_PSCI_COMPLETE (DEN0137 B4.5.38): the host names the REC that a PSCI call of
 * another REC is about, since the RMM keeps no table from MPIDR to REC.
 */
#include <linux/bits.h>
#include "rec.h"
#include "rmi.h"

/* The only other function that waits for the host is AFFINITY_INFO. */
#define PSCI_CPU_ON		0x84000003
#define PSCI_SMC64		0x40000000

#define MPIDR_AFFINITY		(GENMASK_ULL(39, 32) | GENMASK_ULL(23, 0))

static bool is_cpu_on(const struct rec *calling)
{
	return (calling->psci.fid & ~PSCI_SMC64) == PSCI_CPU_ON;
}

/* A REC that is on its way out of CPU_OFF counts as on until it has left. */
static bool is_on(const struct rec *rec)
{
	return rec->runnable || rec_running(rec);
}

/* DEN0137 B3.87 PsciReturnCodePermitted */
static bool status_permitted(const struct rec *calling, const struct rec *target, long status)
{
	if (status == PSCI_SUCCESS)
		return true;

	return status == PSCI_DENIED && is_cpu_on(calling) && !is_on(target);
}

static long cpu_on(const struct rec *calling, struct rec *target)
{
	if (is_on(target))
		return PSCI_ALREADY_ON;

	rec_context_start(target, calling);
	target->runnable = true;
	return PSCI_SUCCESS;
}

static long affinity_info(const struct rec *target)
{
	return is_on(target) ? PSCI_SUCCESS : PSCI_OFF;
}

static rmi_status_t complete(struct rec *calling, struct rec *target, long status)
{
	/* A REC that runs waits for nothing, and its members are not ours to read. */
	if (rec_running(calling) || calling->pending != REC_PENDING_PSCI ||
	    target->rd != calling->rd ||
	    (target->mpidr & MPIDR_AFFINITY) != calling->psci.target_mpidr ||
	    !status_permitted(calling, target, status))
		return rmi_ret(RMI_ERROR_INPUT);

	if (status == PSCI_SUCCESS)
		status = is_cpu_on(calling) ? cpu_on(calling, target) : affinity_info(target);
	rec_context_psci_return(calling, status);
	calling->pending = REC_PENDING_NONE;
	return rmi_ret(RMI_SUCCESS);
}

rmi_status_t handle_psci_complete(const u64 *in, u64 *out)
{
	unsigned long calling = in[0], target = in[1];
	struct granule *first, *second;
	rmi_status_t status;

	if (calling == target)
		return rmi_ret(RMI_ERROR_INPUT);

	/* In the order of addresses, see granule.h */
	first = granule_lock(min(calling, target), GRANULE_REC);
	if (!first)
		return rmi_ret_granule(min(calling, target));
	second = granule_lock(max(calling, target), GRANULE_REC);
	if (!second) {
		granule_unlock(first);
		return rmi_ret_granule(max(calling, target));
	}

	status = complete(granule_va(calling), granule_va(target), in[2]);
	granule_unlock(second);
	granule_unlock(first);
	return status;
}
