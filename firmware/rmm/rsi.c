// SPDX-License-Identifier: GPL-2.0-only
/*
 * SMCs of a realm: the Realm Services Interface (DEN0137 B5.4) and the way to PSCI.
 *
 * A handler takes its arguments from X1 on and leaves the result in X0 on. One that
 * meets realm memory which is not mapped changes nothing and lets the host repair it:
 * the realm then makes the same call again.
 */
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include <string.h>
#include <sysreg.h>
#include "id_regs.h"
#include "realm.h"
#include "rsi-defs.h"
#include "run.h"

#define ESR_SMC_IMMEDIATE	GENMASK_ULL(15, 0)

/* Upper bound of the size of a token, had this RMM any */
#define TOKEN_MAX_SIZE		GRANULE_SIZE

/* These values pass from the host to the realm and back as they are. */
static_assert(RSI_RIPAS_EMPTY == RMI_RIPAS_EMPTY);
static_assert(RSI_RIPAS_RAM == RMI_RIPAS_RAM);
static_assert(RSI_RIPAS_DESTROYED == RMI_RIPAS_DESTROYED);
static_assert(RSI_HASH_SHA_256 == RMI_HASH_SHA_256);
static_assert(RSI_HASH_SHA_512 == RMI_HASH_SHA_512);

static enum rec_action rsi_return(struct rec *rec, u64 result)
{
	rec->ctx.x[0] = result;
	return REC_RESUME;
}

static bool range_valid(const struct rec *rec, u64 base, u64 top)
{
	return GRANULE_ALIGNED(base) && GRANULE_ALIGNED(top) && base < top &&
	       s2tt_ipa_protected(&rec->s2, top - 1);
}

/* No memory behind @ipa: the realm's fault when it is RIPAS EMPTY, else the host's. */
static enum rec_action rsi_no_memory(struct rec *rec, struct rmi_rec_exit *exit, u64 ipa,
				     const struct s2tt_entry *why)
{
	if (why->ripas == RMI_RIPAS_EMPTY)
		return rsi_return(rec, RSI_ERROR_INPUT);

	rec_exit_unmapped(exit, ipa, why->level);
	return REC_EXIT_REPLAY;
}

static enum rec_action rsi_version(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 *x = rec->ctx.x;
	u64 requested = x[1];
	u64 highest = FIELD_PREP(RSI_INTERFACE_VERSION_MAJOR, RSI_ABI_MAJOR) |
		      FIELD_PREP(RSI_INTERFACE_VERSION_MINOR, RSI_ABI_MINOR);
	/* A minor version adds to those before it. */
	bool compatible = FIELD_GET(RSI_INTERFACE_VERSION_MAJOR, requested) == RSI_ABI_MAJOR &&
			  requested <= highest;

	x[1] = compatible ? requested : highest;
	x[2] = highest;
	return rsi_return(rec, compatible ? RSI_SUCCESS : RSI_ERROR_INPUT);
}

/* Feature register 0 says that there are no devices to assign; others do not exist. */
static enum rec_action rsi_features(struct rec *rec, struct rmi_rec_exit *exit)
{
	rec->ctx.x[1] = 0;
	return rsi_return(rec, RSI_SUCCESS);
}

static enum rec_action rsi_measurement_read(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 *x = rec->ctx.x;
	u64 index = x[1];

	if (index >= NR_MEASUREMENTS)
		return rsi_return(rec, RSI_ERROR_INPUT);

	granule_lock_known(rec->g_rd, GRANULE_RD);
	memcpy(&x[1], rec->rd->measurement[index], MEASUREMENT_SIZE);
	granule_unlock(rec->g_rd);
	return rsi_return(rec, RSI_SUCCESS);
}

static enum rec_action rsi_measurement_extend(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 *x = rec->ctx.x;
	u64 index = x[1];
	u64 size = x[2];

	if (index == MEASUREMENT_RIM || index >= NR_MEASUREMENTS || size > MEASUREMENT_SIZE)
		return rsi_return(rec, RSI_ERROR_INPUT);

	granule_lock_known(rec->g_rd, GRANULE_RD);
	measurement_extend(rec->rd, index, &x[3], size);
	granule_unlock(rec->g_rd);
	return rsi_return(rec, RSI_SUCCESS);
}

static enum rec_action rsi_attestation_token_init(struct rec *rec, struct rmi_rec_exit *exit)
{
	rec->ctx.attest_in_progress = true;
	rec->ctx.x[1] = TOKEN_MAX_SIZE;
	return rsi_return(rec, RSI_SUCCESS);
}

static bool token_buffer_valid(const struct rec *rec, u64 addr, u64 offset, u64 size)
{
	struct s2tt_entry entry;

	if (!GRANULE_ALIGNED(addr) || !s2tt_ipa_protected(&rec->s2, addr) ||
	    offset >= GRANULE_SIZE || size > GRANULE_SIZE - offset)
		return false;

	s2tt_lookup(&rec->s2, addr, &entry);
	return entry.ripas != RMI_RIPAS_EMPTY;
}

/*
 * There is no attestation key: a token cannot be made, which B5.4.2 allows. Only success
 * ends the operation. Memory that is not mapped does not matter, as nothing is written.
 */
static enum rec_action rsi_attestation_token_continue(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 *x = rec->ctx.x;
	u64 size = x[3];

	if (!token_buffer_valid(rec, x[1], x[2], size))
		return rsi_return(rec, RSI_ERROR_INPUT);
	if (!rec->ctx.attest_in_progress)
		return rsi_return(rec, RSI_ERROR_STATE);

	x[1] = 0;
	return rsi_return(rec, size ? RSI_ERROR_UNKNOWN : RSI_INCOMPLETE);
}

static void fill_realm_config(const struct rd *rd, struct rsi_realm_config *config)
{
	memset(config, 0, sizeof(*config));
	config->ipa_width = rd->s2.ipa_bits;
	config->hash_algo = rd->hash_algo;
	config->gicv3_vtr = read_sysreg(ICH_VTR_EL2);
	memcpy(config->rpv, rd->rpv, sizeof(config->rpv));
}

static enum rec_action rsi_realm_config(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 ipa = rec->ctx.x[1];
	struct s2tt_entry why;
	struct s2tt_walk walk;
	void *config;

	if (!GRANULE_ALIGNED(ipa) || !s2tt_ipa_protected(&rec->s2, ipa))
		return rsi_return(rec, RSI_ERROR_INPUT);

	config = realm_mem_map(rec, ipa, &walk, &why);
	if (!config)
		return rsi_no_memory(rec, exit, ipa, &why);
	fill_realm_config(rec->rd, config);
	realm_mem_put(&walk);
	return rsi_return(rec, RSI_SUCCESS);
}

static enum rec_action rsi_ipa_state_set(struct rec *rec, struct rmi_rec_exit *exit)
{
	const u64 *x = rec->ctx.x;
	u64 base = x[1];
	u64 top = x[2];
	u8 ripas = x[3];	/* X3[63:8] should be zero: not looked at */
	u64 flags = x[4];

	if (!range_valid(rec, base, top) || (ripas != RSI_RIPAS_EMPTY && ripas != RSI_RIPAS_RAM))
		return rsi_return(rec, RSI_ERROR_INPUT);

	rec->ripas.base = base;
	rec->ripas.top = top;
	rec->ripas.addr = base;
	rec->ripas.value = ripas;
	rec->ripas.change_destroyed = flags & RSI_RIPAS_CHANGE_FLAGS_DESTROYED;
	rec->pending = REC_PENDING_RIPAS;

	exit->exit_reason = RMI_EXIT_RIPAS_CHANGE;
	exit->ripas_base = base;
	exit->ripas_top = top;
	exit->ripas_value = ripas;
	return REC_EXIT;
}

void ripas_change_complete(struct rec *rec, bool reject)
{
	u64 *x = rec->ctx.x;

	x[0] = RSI_SUCCESS;
	x[1] = rec->ripas.addr;
	x[2] = RSI_RESPONSE_ACCEPT;
	/* What is done cannot be rejected, and EMPTY cannot be refused. */
	if (reject && rec->ripas.value == RMI_RIPAS_RAM && rec->ripas.addr != rec->ripas.top)
		x[2] = RSI_RESPONSE_REJECT;

	memset(&rec->ripas, 0, sizeof(rec->ripas));
	rec->pending = REC_PENDING_NONE;
}

static enum rec_action rsi_ipa_state_get(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 *x = rec->ctx.x;
	int ripas;

	if (!range_valid(rec, x[1], x[2]))
		return rsi_return(rec, RSI_ERROR_INPUT);

	x[1] = s2tt_ripas_range(&rec->s2, x[1], x[2], &ripas);
	x[2] = ripas;
	return rsi_return(rec, RSI_SUCCESS);
}

static enum rec_action rsi_host_call(struct rec *rec, struct rmi_rec_exit *exit)
{
	u64 ipa = rec->ctx.x[1];
	const struct rsi_host_call *call;
	struct s2tt_entry why;
	struct s2tt_walk walk;

	if (!IS_ALIGNED(ipa, sizeof(*call)) || !s2tt_ipa_protected(&rec->s2, ipa))
		return rsi_return(rec, RSI_ERROR_INPUT);

	call = realm_mem_map(rec, ipa, &walk, &why);
	if (!call)
		return rsi_no_memory(rec, exit, ipa, &why);
	exit->imm = call->imm;
	memcpy(exit->gprs, call->gprs, sizeof(call->gprs));
	realm_mem_put(&walk);

	exit->exit_reason = RMI_EXIT_HOST_CALL;
	rec->ctx.host_call_ipa = ipa;
	rec->pending = REC_PENDING_HOST_CALL;
	return REC_EXIT;
}

enum rec_action host_call_complete(struct rec *rec, const u64 *gprs, struct rmi_rec_exit *exit)
{
	u64 ipa = rec->ctx.host_call_ipa;
	struct rsi_host_call *call;
	struct s2tt_entry why;
	struct s2tt_walk walk;

	call = realm_mem_map(rec, ipa, &walk, &why);
	if (call) {
		memcpy(call->gprs, gprs, sizeof(call->gprs));
		realm_mem_put(&walk);
		rec->ctx.x[0] = RSI_SUCCESS;
	} else if (why.ripas == RMI_RIPAS_EMPTY) {
		rec->ctx.x[0] = RSI_ERROR_INPUT;
	} else {
		rec_exit_unmapped(exit, ipa, why.level);
		return REC_EXIT;
	}

	rec->pending = REC_PENDING_NONE;
	return REC_RESUME;
}

static const struct {
	u32 fid;
	enum rec_action (*handler)(struct rec *rec, struct rmi_rec_exit *exit);
} rsi_commands[] = {
#define RSI_ENTRY(NAME, name, nr_in, nr_out)	{ SMC_RSI_##NAME, rsi_##name },
	RSI_COMMANDS(RSI_ENTRY)
#undef RSI_ENTRY
};

static enum rec_action call(struct rec *rec, struct rmi_rec_exit *exit, u32 fid)
{
	unsigned int i;

	/* The realm need not have SVE itself to be told of the hint. */
	if (fid == SMCCC_VERSION)
		return rsi_return(rec, smccc_version(cpu_has(CPU_SVE), cpu_has(CPU_SME)));

	for (i = 0; i < ARRAY_SIZE(rsi_commands); i++) {
		if (rsi_commands[i].fid == fid)
			return rsi_commands[i].handler(rec, exit);
	}
	return rec_psci(rec, exit, fid);
}

enum rec_action rec_smc(struct rec *rec, struct rmi_rec_exit *exit, u64 esr)
{
	u32 fid = (u32)rec->ctx.x[0] & ~SMCCC_SVE_HINT;
	enum rec_action action;

	if (esr & ESR_SMC_IMMEDIATE)
		action = rsi_return(rec, SMCCC_RET_NOT_SUPPORTED);
	else
		action = call(rec, exit, fid);

	/* HCR_EL2.TSC traps before the SMC is executed. */
	if (action != REC_EXIT_REPLAY)
		rec_step(&rec->ctx, esr);
	return action;
}
