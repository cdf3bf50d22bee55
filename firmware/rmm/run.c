// SPDX-License-Identifier: GPL-2.0-only
/*
 * RMI_REC_ENTER (DEN0137 B4.5.51): check what the host wants, put its answers to the last
 * exit into the REC, run the realm until there is something for the host, tell it.
 */
#include <linux/bitfield.h>
#include <string.h>
#include <sysreg.h>
#include "id_regs.h"
#include "ns.h"
#include "realm.h"
#include "rmi.h"
#include "run.h"

/**
 * struct rec_entry - what the host passes in RmiRecEnter, read once
 * @flags: RMI_REC_ENTER_FLAGS_*
 * @gprs: answers
 */
struct rec_entry {
	u64 flags;
	u64 gprs[REC_NR_GPRS];
};

static struct rec_entry entries[RMM_MAX_CPUS];
static struct rmi_rec_exit exits[RMM_MAX_CPUS];

void rec_run_init(void)
{
	id_regs_init();
}

static bool read_entry(unsigned long run_pa, struct rec_entry *entry)
{
	unsigned long enter = run_pa + __builtin_offsetof(struct rmi_rec_run, enter);

	return ns_read(&entry->flags, enter + __builtin_offsetof(struct rmi_rec_enter, flags),
		       sizeof(entry->flags)) &&
	       ns_read(entry->gprs, enter + __builtin_offsetof(struct rmi_rec_enter, gprs),
		       sizeof(entry->gprs));
}

/* The flags that are allowed depend on the last exit (A4.2.3). */
static bool flags_valid(const struct rec *rec, u64 flags)
{
	const struct rec_fault *fault = &rec->ctx.fault;

	/* EMUL_MMIO is ignored when INJECT_SEA is set. */
	if (flags & RMI_REC_ENTER_FLAGS_INJECT_SEA)
		return fault->unprotected;
	if (flags & RMI_REC_ENTER_FLAGS_EMUL_MMIO)
		return fault->emulatable;
	return true;
}

static rmi_status_t check_entry(const struct rec *rec, const struct rec_entry *entry)
{
	if (rec->pending == REC_PENDING_PSCI || !flags_valid(rec, entry->flags) || !gic_lrs_valid())
		return rmi_ret(RMI_ERROR_REC);
	return rmi_ret(RMI_SUCCESS);
}

/* Answers that need registers in memory only */
static enum rec_action complete_pending(struct rec *rec, const struct rec_entry *entry,
					struct rmi_rec_exit *exit)
{
	switch (rec->pending) {
	case REC_PENDING_HOST_CALL:
		return host_call_complete(rec, entry->gprs, exit);
	case REC_PENDING_RIPAS:
		ripas_change_complete(rec, entry->flags & RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE);
		return REC_RESUME;
	default:
		return REC_RESUME;
	}
}

/* What the host says to the last abort or register read; the REC is loaded. */
static void complete_trap(struct rec_context *ctx, const struct rec_entry *entry)
{
	if (entry->flags & RMI_REC_ENTER_FLAGS_INJECT_SEA)
		inject_sea(ctx, ctx->fault.esr, ctx->fault.far);
	else if (entry->flags & RMI_REC_ENTER_FLAGS_EMUL_MMIO)
		emul_complete(ctx, entry->gprs[0]);

	if (ctx->sysreg_read)
		rec_set_gpr(ctx, ctx->sysreg_rt, entry->gprs[0]);

	memset(&ctx->fault, 0, sizeof(ctx->fault));
	ctx->sysreg_read = false;
}

static u64 wfx_traps(u64 flags)
{
	u64 hcr = 0;

	if (flags & RMI_REC_ENTER_FLAGS_TRAP_WFI)
		hcr |= HCR_EL2_TWI;
	if (flags & RMI_REC_ENTER_FLAGS_TRAP_WFE)
		hcr |= HCR_EL2_TWE;
	return hcr;
}

static void rec_load(struct rec *rec, u64 flags)
{
	this_cpu()->rec = rec;
	traps_load(rec, wfx_traps(flags));
	el1_load(&rec->ctx.el1);
	debug_enter(&rec->ctx.debug);
	pmu_enter();
	timer_load(&rec->ctx);
}

static void rec_unload(struct rec *rec, struct rmi_rec_exit *exit)
{
	simd_leave(rec);
	pmu_leave();
	debug_leave(&rec->ctx.debug);
	el1_save(&rec->ctx.el1);
	timer_report(&rec->ctx, exit);
	gic_leave();
	traps_unload();
	this_cpu()->rec = NULL;
}

static void run_loop(struct rec *rec, struct rmi_rec_exit *exit)
{
	struct rec_context *ctx = &rec->ctx;
	enum rec_action action;
	unsigned long vector;

	do {
		if (timer_output_changed(ctx)) {
			exit->exit_reason = RMI_EXIT_IRQ;
			return;
		}

		write_sysreg(ctx->pc, elr_el2);
		write_sysreg(ctx->pstate, spsr_el2);
		vector = rec_run_el1(ctx);
		ctx->pc = read_sysreg(elr_el2);
		ctx->pstate = read_sysreg(spsr_el2);

		action = rec_handle_exit(rec, exit, vector);
	} while (action == REC_RESUME);
}

static rmi_status_t enter_active(struct rec *rec, const struct rec_entry *entry,
				 struct rmi_rec_exit *exit)
{
	rmi_status_t status = check_entry(rec, entry);

	if (!rmi_ok(status))
		return status;

	/* Nothing may be lost when the realm's memory is not there: the host tries again. */
	if (complete_pending(rec, entry, exit) != REC_RESUME) {
		timer_report(&rec->ctx, exit);
		gic_leave();
		return status;
	}

	rec_load(rec, entry->flags);
	complete_trap(&rec->ctx, entry);
	run_loop(rec, exit);
	rec_unload(rec, exit);
	return status;
}

static rmi_status_t enter(struct rec *rec, const struct rec_entry *entry,
			  struct rmi_rec_exit *exit)
{
	enum realm_state state;
	rmi_status_t status;

	if (!realm_run_begin(rec->rd, &state))
		return rmi_ret(RMI_ERROR_REALM);

	status = enter_active(rec, entry, exit);
	realm_run_end(rec->rd);
	return status;
}

/* From here on this CPU owns the REC (rec.h). */
static rmi_status_t rec_acquire(unsigned long rec_pa, struct rec **rec)
{
	struct granule *g = granule_lock(rec_pa, GRANULE_REC);

	if (!g)
		return rmi_ret_granule(rec_pa);

	/* One that is off must not look as if it ran: PSCI of another REC would be misled. */
	*rec = granule_va(rec_pa);
	if (rec_running(*rec) || !(*rec)->runnable) {
		granule_unlock(g);
		return rmi_ret(RMI_ERROR_REC);
	}

	granule_get(g);
	granule_unlock(g);
	return rmi_ret(RMI_SUCCESS);
}

rmi_status_t handle_rec_enter(const u64 *in, u64 *out)
{
	struct rec_entry *entry = &entries[this_cpu()->id];
	struct rmi_rec_exit *exit = &exits[this_cpu()->id];
	unsigned long rec_pa = in[0];
	unsigned long run_pa = in[1];
	rmi_status_t status;
	struct rec *rec;

	if (!GRANULE_ALIGNED(run_pa) || !read_entry(run_pa, entry))
		return rmi_ret(RMI_ERROR_INPUT);
	memset(exit, 0, sizeof(*exit));

	status = rec_acquire(rec_pa, &rec);
	if (!rmi_ok(status))
		return status;

	status = enter(rec, entry, exit);
	granule_put(rec->g);

	if (rmi_ok(status) &&
	    !ns_write(run_pa + __builtin_offsetof(struct rmi_rec_run, exit), exit, sizeof(*exit)))
		return rmi_ret(RMI_ERROR_INPUT);
	return status;
}
