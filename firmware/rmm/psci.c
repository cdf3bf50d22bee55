// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI as a realm sees it (DEN0137 A4.3.7, B6.3). The host runs the machine, but a REC
 * is on or off only as the realm says: what concerns another REC is completed by the
 * host with RMI_PSCI_COMPLETE, under the RMM's eyes.
 */
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include "realm.h"
#include "run.h"

#define PSCI_SMC64		0x40000000U

#define PSCI_VERSION_1_1	0x10001

/* Affinity fields of MPIDR_EL1; the index of a REC is made of them (A2.4.3). */
#define MPIDR_AFF0		GENMASK_ULL(3, 0)
#define MPIDR_AFF1		GENMASK_ULL(15, 8)
#define MPIDR_AFF2		GENMASK_ULL(23, 16)
#define MPIDR_AFF3		GENMASK_ULL(39, 32)
#define MPIDR_AFFINITY		(MPIDR_AFF0 | MPIDR_AFF1 | MPIDR_AFF2 | MPIDR_AFF3)

static enum rec_action psci_return(struct rec *rec, s64 result)
{
	rec->ctx.x[0] = result;
	return REC_RESUME;
}

static u64 mpidr_index(u64 mpidr)
{
	return FIELD_GET(MPIDR_AFF0, mpidr) | FIELD_GET(MPIDR_AFF1, mpidr) << 4 |
	       FIELD_GET(MPIDR_AFF2, mpidr) << 12 | FIELD_GET(MPIDR_AFF3, mpidr) << 20;
}

/* RECs are made in the order of their index, and only before the realm runs. */
static bool mpidr_is_used(const struct rec *rec, u64 mpidr)
{
	return !(mpidr & ~MPIDR_AFFINITY) && mpidr_index(mpidr) < rec->rd->nr_recs;
}

/* Tell the host; the answer for the realm is there already. */
static enum rec_action psci_notify(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	exit->exit_reason = RMI_EXIT_PSCI;
	exit->gprs[0] = fid;
	rec_context_psci_return(rec, PSCI_SUCCESS);
	return REC_EXIT;
}

/*
 * Ask the host to complete the call. It learns whom the call concerns, and not where
 * the REC will start, which only RMI_PSCI_COMPLETE needs.
 */
static enum rec_action psci_ask(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	const u64 *x = rec->ctx.x;

	rec->psci.fid = fid;
	rec->psci.target_mpidr = x[1];
	rec->psci.entry = x[2];
	rec->psci.context_id = x[3];
	rec->psci.lowest_level = x[2];
	rec->pending = REC_PENDING_PSCI;

	exit->exit_reason = RMI_EXIT_PSCI;
	exit->gprs[0] = fid;
	exit->gprs[1] = x[1];
	return REC_EXIT;
}

static enum rec_action psci_version(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	return psci_return(rec, PSCI_VERSION_1_1);
}

/* Every power state is a standby state: entry point and context are not used (B6.3.4). */
static enum rec_action psci_cpu_suspend(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	return psci_notify(rec, exit, fid);
}

static enum rec_action psci_cpu_off(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	__atomic_store_n(&rec->runnable, false, __ATOMIC_RELEASE);
	return psci_notify(rec, exit, fid);
}

static enum rec_action psci_cpu_on(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	u64 mpidr = rec->ctx.x[1];
	u64 entry = rec->ctx.x[2];

	if (!s2tt_ipa_protected(&rec->s2, entry))
		return psci_return(rec, PSCI_INVALID_ADDRESS);
	if (!mpidr_is_used(rec, mpidr))
		return psci_return(rec, PSCI_INVALID_PARAMETERS);
	if (mpidr_index(mpidr) == rec->index)
		return psci_return(rec, PSCI_ALREADY_ON);
	return psci_ask(rec, exit, fid);
}

static enum rec_action psci_affinity_info(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	u64 mpidr = rec->ctx.x[1];
	u32 lowest_level = rec->ctx.x[2];

	if (lowest_level || !mpidr_is_used(rec, mpidr))
		return psci_return(rec, PSCI_INVALID_PARAMETERS);
	/* ON; the host could not name one REC in both roles of RMI_PSCI_COMPLETE. */
	if (mpidr_index(mpidr) == rec->index)
		return psci_return(rec, PSCI_SUCCESS);
	return psci_ask(rec, exit, fid);
}

static enum rec_action psci_system_off(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	realm_system_off(rec->rd);
	return psci_notify(rec, exit, fid);
}

static enum rec_action psci_features(struct rec *rec, struct rmi_rec_exit *exit, u32 fid);

static const struct psci_function {
	u32 fid;
	bool smc64;
	enum rec_action (*handler)(struct rec *rec, struct rmi_rec_exit *exit, u32 fid);
} psci_functions[] = {
	{ 0x84000000, false, psci_version },
	{ 0x84000001, true, psci_cpu_suspend },
	{ 0x84000002, false, psci_cpu_off },
	{ 0x84000003, true, psci_cpu_on },
	{ 0x84000004, true, psci_affinity_info },
	{ 0x84000008, false, psci_system_off },		/* SYSTEM_OFF */
	{ 0x84000009, false, psci_system_off },		/* SYSTEM_RESET */
	{ 0x8400000a, false, psci_features },
};

static const struct psci_function *psci_find(u32 fid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(psci_functions); i++) {
		const struct psci_function *f = &psci_functions[i];

		if (fid == f->fid || (f->smc64 && fid == (f->fid | PSCI_SMC64)))
			return f;
	}
	return NULL;
}

static enum rec_action psci_features(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	u32 function = rec->ctx.x[1];

	if (function == SMCCC_VERSION || psci_find(function))
		return psci_return(rec, PSCI_SUCCESS);
	return psci_return(rec, PSCI_NOT_SUPPORTED);
}

enum rec_action rec_psci(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	const struct psci_function *f = psci_find(fid);
	unsigned int i;

	if (!f)
		return psci_return(rec, PSCI_NOT_SUPPORTED);

	/* Arguments of an SMC32 call are W registers. */
	if (!(fid & PSCI_SMC64)) {
		for (i = 1; i <= 3; i++)
			rec->ctx.x[i] = (u32)rec->ctx.x[i];
	}
	return f->handler(rec, exit, fid);
}
