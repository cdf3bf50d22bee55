// SPDX-License-Identifier: GPL-2.0-only
/*
 * World switch. A register is only written when it differs: much of the EL1 state is the same on
 * both sides, and a write to a translation register costs an emulator its whole TLB.
 */
#include <console.h>
#include <memmap.h>
#include <sysreg.h>
#include "el3.h"

#define SCR_NS		BIT_ULL(0)
#define SCR_NSE		BIT_ULL(62)

/* MDCR_EL3: branch records are made and reached in the Non-secure world; else neither */
#define MDCR_SBRBE	GENMASK_ULL(33, 32)

/* Bits that are one when the register is as after reset, MMU off. */
#define SCTLR_EL1_RES1	ULL(0x30d00800)
#define SCTLR_EL2_RES1	ULL(0x30c50830)

static struct world_context contexts[MAX_CPUS][NR_WORLDS];
static enum world current_world[MAX_CPUS];

enum world world_current(void)
{
	return current_world[cpu_index()];
}

static void set_controls(enum world world)
{
	u64 scr = scr_el3_features | SCR_NS;
	u64 mdcr = mdcr_el3_features;

	if (world == WORLD_REALM)
		scr |= SCR_NSE;
	else
		mdcr |= MDCR_SBRBE;
	write_sysreg(scr, scr_el3);
	if (has_feature(FEATURE_BRBE))
		write_sysreg(mdcr, mdcr_el3);
	isb();
}

/* Save to @out unless it is NULL, load from @in. */
static void switch_sysregs(u64 *out, const u64 *in)
{
	u64 now;

#define X(reg, feature)								\
	if (has_feature(FEATURE_##feature)) {					\
		now = read_sysreg(reg);						\
		if (out)							\
			out[WORLD_##reg] = now;					\
		if (in[WORLD_##reg] != now)				\
			write_sysreg(in[WORLD_##reg], reg);			\
	}
	WORLD_SYSREGS(X)
#undef X
}

static void load_world(enum world world, struct trap_regs *regs, u64 *save)
{
	unsigned int cpu = cpu_index();
	const struct world_context *to = &contexts[cpu][world];

	/* Whatever traps or is banked by world below EL3 is still that of the old one here. */
	switch_sysregs(save, to->sysregs);
	set_controls(world);

	*regs = to->regs;
	write_sysreg(to->elr, elr_el3);
	write_sysreg(to->spsr, spsr_el3);
	current_world[cpu] = world;
}

void world_prepare(enum world world, u64 entry, const u64 args[4], bool big_endian)
{
	struct world_context *ctx = &contexts[cpu_index()][world];

	*ctx = (struct world_context){
		.elr = entry,
		.spsr = SPSR_M_EL2H | SPSR_DAIF,
	};
	for (int i = 0; i < 4; i++)
		ctx->regs.x[i] = args[i];

	ctx->sysregs[WORLD_sctlr_el1] = SCTLR_EL1_RES1;
	ctx->sysregs[WORLD_sctlr_el2] = SCTLR_EL2_RES1 | (big_endian ? SCTLR_EE : 0);
	ctx->sysregs[WORLD_hcr_el2] = HCR_EL2_RW;
	/* A shorter vector length may cost the other world what lies above it. */
	ctx->sysregs[WORLD_ZCR_EL2] = ZCR_LEN;
	ctx->sysregs[WORLD_SMCR_EL2] = SMCR_LEN;
	ctx->sysregs[WORLD_ICC_SRE_EL2] = ICC_SRE_ALL;
	ctx->sysregs[WORLD_ICC_SRE_EL1] = ICC_SRE_ALL;
	ctx->sysregs[WORLD_vpidr_el2] = read_sysreg(midr_el1);
	ctx->sysregs[WORLD_vmpidr_el2] = read_sysreg(mpidr_el1);
}

void world_start(enum world world, struct trap_regs *regs)
{
	/* The Non-secure instance of ICC_SRE_EL1 is loaded, and ICC_SRE_EL2 has no other. */
	set_controls(world);
	load_world(world, regs, NULL);
}

void world_switch(struct trap_regs *regs)
{
	unsigned int cpu = cpu_index();
	enum world old = current_world[cpu];
	struct world_context *from = &contexts[cpu][old];

	from->regs = *regs;
	from->elr = read_sysreg(elr_el3);
	from->spsr = read_sysreg(spsr_el3);
	load_world(old == WORLD_NS ? WORLD_REALM : WORLD_NS, regs, from->sysregs);
}
