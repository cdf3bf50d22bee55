// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL1 and EL0 registers of a REC between memory and the CPU, see el1_regs.h, and the
 * breakpoints and watchpoints, which the realm shares with the host.
 */
#include <sysreg.h>
#include "id_regs.h"
#include "rec.h"
#include "run.h"

/* The host's, while a REC runs */
static struct debug_regs ns_debug[RMM_MAX_CPUS];

void el1_save(struct el1_regs *el1)
{
#define EL1_SAVE(member, name, feature)				\
	do {							\
		if (cpu_has(CPU_##feature))			\
			el1->member = read_sysreg(name);	\
	} while (0);
	EL1_REGS(EL1_SAVE)
#undef EL1_SAVE
}

void el1_load(const struct el1_regs *el1)
{
#define EL1_LOAD(member, name, feature)				\
	do {							\
		if (cpu_has(CPU_##feature))			\
			write_sysreg(el1->member, name);	\
	} while (0);
	EL1_REGS(EL1_LOAD)
#undef EL1_LOAD
}

/* DBGBVR<n>_EL1 is S2_0_C0_C<n>_4; then come DBGBCR, DBGWVR and DBGWCR. */
#define DEBUG_REGS(R)							\
	do {								\
		R(0); R(1); R(2); R(3); R(4); R(5); R(6); R(7);		\
		R(8); R(9); R(10); R(11); R(12); R(13); R(14); R(15);	\
	} while (0)

static void debug_save(struct debug_regs *regs)
{
	unsigned int nr_bp = id_nr_breakpoints();
	unsigned int nr_wp = id_nr_watchpoints();

#define DEBUG_SAVE(n)								\
	do {									\
		if ((n) < nr_bp) {						\
			regs->bp[n].value = read_sysreg(S2_0_C0_C##n##_4);	\
			regs->bp[n].control = read_sysreg(S2_0_C0_C##n##_5);	\
		}								\
		if ((n) < nr_wp) {						\
			regs->wp[n].value = read_sysreg(S2_0_C0_C##n##_6);	\
			regs->wp[n].control = read_sysreg(S2_0_C0_C##n##_7);	\
		}								\
	} while (0)
	DEBUG_REGS(DEBUG_SAVE);
#undef DEBUG_SAVE
}

static void debug_load(const struct debug_regs *regs)
{
	unsigned int nr_bp = id_nr_breakpoints();
	unsigned int nr_wp = id_nr_watchpoints();

#define DEBUG_LOAD(n)								\
	do {									\
		if ((n) < nr_bp) {						\
			write_sysreg(regs->bp[n].value, S2_0_C0_C##n##_4);	\
			write_sysreg(regs->bp[n].control, S2_0_C0_C##n##_5);	\
		}								\
		if ((n) < nr_wp) {						\
			write_sysreg(regs->wp[n].value, S2_0_C0_C##n##_6);	\
			write_sysreg(regs->wp[n].control, S2_0_C0_C##n##_7);	\
		}								\
	} while (0)
	DEBUG_REGS(DEBUG_LOAD);
#undef DEBUG_LOAD
}

void debug_enter(const struct debug_regs *regs)
{
	debug_save(&ns_debug[this_cpu()->id]);
	debug_load(regs);
}

void debug_leave(struct debug_regs *regs)
{
	debug_save(regs);
	debug_load(&ns_debug[this_cpu()->id]);
}
