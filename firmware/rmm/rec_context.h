/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a REC keeps between two entries: its registers, and what the RMM has to
 * remember of the last exit to judge the next REC_ENTER (DEN0137 A4.2).
 *
 * All of it belongs to the CPU that owns the REC (rec.h).
 */
#ifndef RMM_REC_CONTEXT_H
#define RMM_REC_CONTEXT_H

#define REC_NR_GPRS		31

#ifndef __ASSEMBLER__

#include <linux/types.h>
#include "el1_regs.h"

#define REC_MAX_BREAKPOINTS	16

/** struct el1_regs - system registers, see el1_regs.h */
struct el1_regs {
#define EL1_MEMBER(member, name, feature)	u64 member;
	EL1_REGS(EL1_MEMBER)
#undef EL1_MEMBER
};

/** struct debug_pair - a breakpoint or a watchpoint */
struct debug_pair {
	u64 value;
	u64 control;
};

/** struct debug_regs - self-hosted debug; num_bps and num_wps of the RD count */
struct debug_regs {
	struct debug_pair bp[REC_MAX_BREAKPOINTS];
	struct debug_pair wp[REC_MAX_BREAKPOINTS];
};

/**
 * struct rec_fault - the data abort with which the REC left last
 * @unprotected: there was one, at an unprotected IPA: INJECT_SEA is allowed
 * @emulatable: it was emulatable: EMUL_MMIO is allowed
 * @esr: ESR_EL2 as it was
 * @far: FAR_EL2 as it was
 */
struct rec_fault {
	bool unprotected;
	bool emulatable;
	u64 esr;
	u64 far;
};

/**
 * struct rec_context - registers of a REC and the state of its exits
 * @x: X0 to X30
 * @pc: ELR_EL2 to enter with
 * @pstate: SPSR_EL2 to enter with
 * @el1: system registers
 * @debug: breakpoints and watchpoints
 * @fault: last data abort
 * @sysreg_read: the last exit was a system register read that the host answers
 * @sysreg_rt: its target register
 * @host_call_ipa: for REC_PENDING_HOST_CALL: where the answer goes
 * @attest_in_progress: RSI_ATTESTATION_TOKEN_INIT was called
 * @os_lock: OSLSR_EL1.OSLK as the realm sees it
 */
struct rec_context {
	u64 x[REC_NR_GPRS];
	u64 pc;
	u64 pstate;
	struct el1_regs el1;
	struct debug_regs debug;
	struct rec_fault fault;
	bool sysreg_read;
	u8 sysreg_rt;
	bool attest_in_progress;
	bool os_lock;
	u64 host_call_ipa;
};

#endif /* !__ASSEMBLER__ */
#endif
