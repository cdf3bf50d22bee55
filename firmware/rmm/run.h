/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running a REC: what the files of this job offer each other.
 *
 * run.c enters and leaves; exit.c decides whose an exit is; abort.c, sysregs.c,
 * rsi.c, psci.c and simd.c handle it. While a REC is loaded its EL1 registers are in
 * the CPU, its general-purpose registers, PC and PSTATE in its struct rec_context.
 */
#ifndef RMM_RUN_H
#define RMM_RUN_H

/* How the realm came back to R-EL2; values known to entry.S */
#define REC_VECTOR_SYNC		0
#define REC_VECTOR_IRQ		1
#define REC_VECTOR_FIQ		2
#define REC_VECTOR_SERROR	3

#ifndef __ASSEMBLER__

#include <linux/types.h>
#include "cpu.h"
#include "rec.h"
#include "rmi-defs.h"

/**
 * enum rec_action - what follows when an exit has been handled
 * @REC_RESUME: the realm goes on
 * @REC_EXIT: the host gets the exit
 * @REC_EXIT_REPLAY: the same, and the realm executes the instruction again when it
 *	is entered next. Differs from REC_EXIT for instructions that are stepped over.
 */
enum rec_action {
	REC_RESUME,
	REC_EXIT,
	REC_EXIT_REPLAY,
};

/** rec_run_init() - once on each CPU before it answers an RMI command */
void rec_run_init(void);

/* entry.S */

/**
 * rec_run_el1() - run the realm until the next exception
 * @ctx: general-purpose registers; ELR_EL2 and SPSR_EL2 are loaded
 *
 * Return: REC_VECTOR_*
 */
unsigned long rec_run_el1(struct rec_context *ctx);

/* exit.c */

/**
 * rec_handle_exit() - handle an exception from the realm
 * @rec: the loaded REC
 * @exit: for the host; zeroed before
 * @vector: REC_VECTOR_*
 *
 * Return: REC_RESUME or REC_EXIT
 */
enum rec_action rec_handle_exit(struct rec *rec, struct rmi_rec_exit *exit,
				unsigned long vector);

/**
 * rec_step() - go past an instruction that the RMM or the host has executed
 * @ctx: registers
 * @esr: ESR_EL2 of its exception, which knows its length
 *
 * As the CPU would: PSTATE.BTYPE is reset, ITSTATE goes on to the next instruction, and
 * a software step is completed.
 */
void rec_step(struct rec_context *ctx, u64 esr);

/** rec_gpr() - read Xn, n = 31 being XZR */
static inline u64 rec_gpr(const struct rec_context *ctx, unsigned int n)
{
	return n < REC_NR_GPRS ? ctx->x[n] : 0;
}

/** rec_set_gpr() - write Xn, n = 31 being XZR */
static inline void rec_set_gpr(struct rec_context *ctx, unsigned int n, u64 value)
{
	if (n < REC_NR_GPRS)
		ctx->x[n] = value;
}

/* abort.c */
enum rec_action rec_data_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);
enum rec_action rec_instruction_abort(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);

/**
 * rec_exit_unmapped() - report that the RMM itself could not reach realm memory
 * @exit: for the host; becomes a data abort
 * @ipa: in the protected half
 * @level: level at which the walk ended
 *
 * DEN0137 A5.2.4: an RSI command's access counts as the realm's own.
 */
void rec_exit_unmapped(struct rmi_rec_exit *exit, u64 ipa, int level);

/* emul.c */

/**
 * emul_access_mask() - bits of a register that an access of this size transfers
 * @esr: of a data abort with ISV set
 */
u64 emul_access_mask(u64 esr);

/**
 * emul_complete() - finish the access that the host has emulated
 * @ctx: registers; its @fault describes an emulatable abort
 * @data: what the host read; not used for a write
 */
void emul_complete(struct rec_context *ctx, u64 data);

/* inject.c; all need the REC loaded */

/** inject_undef() - Unknown exception for the instruction at PC */
void inject_undef(struct rec_context *ctx);

/**
 * inject_abort() - data or instruction abort, taken by the realm
 * @ctx: registers; PC is the aborted instruction
 * @esr: ESR_EL2 of the abort taken by the RMM
 * @far: FAR_EL2 of it
 * @fsc: fault status code that the realm sees
 */
void inject_abort(struct rec_context *ctx, u64 esr, u64 far, u64 fsc);

/** inject_sea() - Synchronous External Abort */
void inject_sea(struct rec_context *ctx, u64 esr, u64 far);

/* realm_mem.c */

/**
 * realm_mem_map() - reach the memory an RSI command names
 * @rec: the REC
 * @ipa: in the protected half
 * @walk: keeps the mapping until realm_mem_put()
 * @why: the entry that is there instead, when NULL is returned
 */
void *realm_mem_map(struct rec *rec, u64 ipa, struct s2tt_walk *walk, struct s2tt_entry *why);

/* sysregs.c */
enum rec_action rec_sysreg_trap(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);

/* rsi.c */

/** rec_smc() - an SMC of the realm: RSI, PSCI, or unknown */
enum rec_action rec_smc(struct rec *rec, struct rmi_rec_exit *exit, u64 esr);

/**
 * host_call_complete() - write the host's answer to the realm
 * @rec: with REC_PENDING_HOST_CALL
 * @gprs: the answer
 * @exit: for the host, used when the memory is not there
 *
 * Return: REC_RESUME; REC_EXIT when the memory is not mapped: the call stays pending
 */
enum rec_action host_call_complete(struct rec *rec, const u64 *gprs, struct rmi_rec_exit *exit);

/** ripas_change_complete() - tell the realm how far its RSI_IPA_STATE_SET got */
void ripas_change_complete(struct rec *rec, bool reject);

/* psci.c */

/**
 * rec_psci() - a PSCI call of the realm
 * @fid: function ID
 *
 * Return: as rec_smc(); the call need not be a PSCI function that exists
 */
enum rec_action rec_psci(struct rec *rec, struct rmi_rec_exit *exit, u32 fid);

/* simd.c */

/** simd_trap() - the realm uses FP, SIMD, SVE or SME while it is trapped */
enum rec_action simd_trap(struct rec *rec, u64 esr);

/** simd_leave() - put the host's registers back if the realm used its own */
void simd_leave(struct rec *rec);

/* el1.c */
void el1_save(struct el1_regs *el1);
void el1_load(const struct el1_regs *el1);
void debug_enter(const struct debug_regs *regs);
void debug_leave(struct debug_regs *regs);

/* pmu.c */

/** pmu_enter() - stop the host's event counters */
void pmu_enter(void);

/** pmu_leave() - let those go on that pmu_enter() stopped */
void pmu_leave(void);

/* traps.c */

/**
 * traps_load() - set EL2 controls for the realm
 * @rec: the REC
 * @wfx: HCR_EL2.TWI and TWE as the host wants them
 */
void traps_load(const struct rec *rec, u64 wfx);

/** traps_unload() - the RMM's own controls again */
void traps_unload(void);

/** traps_simd() - let the realm use FP and, if it has it, SVE; or trap them */
void traps_simd(const struct rec *rec, bool allow);

/* timer.c */

/** timer_load() - set up EL1 timers, after el1_load() */
void timer_load(const struct rec_context *ctx);

/** timer_output_changed() - does a timer's output differ from what the host knows? */
bool timer_output_changed(const struct rec_context *ctx);

/** timer_report() - tell the host the timers' state, after el1_save() */
void timer_report(const struct rec_context *ctx, struct rmi_rec_exit *exit);

/* gic.c */

/** gic_lrs_valid() - are the host's list registers acceptable? (Gicv3ConfigIsValid) */
bool gic_lrs_valid(void);

/** gic_leave() - turn the virtual CPU interface off (DEN0137 A6.1) */
void gic_leave(void);

#endif /* !__ASSEMBLER__ */
#endif
