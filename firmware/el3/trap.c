// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions taken to EL3: SMCs of both worlds, and instructions that EL3 traps. */
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>
#include <sysreg.h>
#include "el3.h"

#define ESR_SMC_IMMEDIATE		GENMASK_ULL(15, 0)

#define SMCCC_ARCH_FEATURES		0x80000001U
#define SMCCC_ARCH_WORKAROUND_1		0x80008000U
#define SMCCC_ARCH_WORKAROUND_2		0x80007fffU
#define SMCCC_ARCH_WORKAROUND_3		0x80003fffU
#define SMCCC_NOT_AFFECTED		1

/* Standard secure service calls, SMC64, of the RMI; RSI and el3_rmm.h have those in between. */
#define RMI_FID_FIRST			0xc4000150U
#define RMI_FID_LAST			0xc400018eU
#define RMI_FID_FIRST_2			0xc40001d0U
#define RMI_FID_LAST_2			0xc40002cfU

/* The CPU QEMU emulates has none of the problems these work around. */
static long smccc_arch_features(u32 fid)
{
	switch (fid) {
	case SMCCC_VERSION:
	case SMCCC_ARCH_FEATURES:
		return SMCCC_RET_SUCCESS;
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_3:
		return SMCCC_NOT_AFFECTED;
	case SMCCC_ARCH_WORKAROUND_2:
		return SMCCC_RET_NOT_REQUIRED;
	default:
		return SMCCC_RET_NOT_SUPPORTED;
	}
}

static bool smccc_call(struct trap_regs *regs)
{
	switch ((u32)regs->x[0]) {
	case SMCCC_VERSION:
		regs->x[0] = smccc_version(has_feature(FEATURE_SVE), has_feature(FEATURE_SME));
		return true;
	case SMCCC_ARCH_FEATURES:
		regs->x[0] = smccc_arch_features(regs->x[1]);
		return true;
	case SMCCC_ARCH_WORKAROUND_1:
	case SMCCC_ARCH_WORKAROUND_2:
	case SMCCC_ARCH_WORKAROUND_3:
		return true;
	default:
		return false;
	}
}

static bool is_rmi(u32 fid)
{
	return (fid >= RMI_FID_FIRST && fid <= RMI_FID_LAST) ||
	       (fid >= RMI_FID_FIRST_2 && fid <= RMI_FID_LAST_2);
}

static unsigned int source_el(void)
{
	return FIELD_GET(SPSR_M, read_sysreg(spsr_el3)) >> 2;
}

/* Services are for EL2; what a guest calls is its hypervisor's business to trap. */
static void host_smc(struct trap_regs *regs)
{
	u32 fid;

	/* The hint changes nothing here: EL3 uses no SVE registers, the RMM keeps them. */
	regs->x[0] &= ~SMCCC_SVE_HINT;
	fid = regs->x[0];

	if (source_el() != 2)
		regs->x[0] = SMCCC_RET_NOT_SUPPORTED;
	else if (is_rmi(fid))
		rmm_forward(regs);
	else if (!psci_call(regs) && !smccc_call(regs))
		regs->x[0] = SMCCC_RET_NOT_SUPPORTED;
}

/* The PSTATE an exception to EL1 or EL2 starts with, from that before it. */
static u64 exception_pstate(u64 spsr, unsigned int el)
{
	u64 sctlr = el == 2 ? read_sysreg(sctlr_el2) : read_sysreg(sctlr_el1);
	u64 keep = SPSR_NZCV | SPSR_DIT | SPSR_PAN;
	u64 pstate = (spsr & keep) | SPSR_DAIF | (el == 2 ? SPSR_M_EL2H : SPSR_M_EL1H);

	if (!(sctlr & BIT_ULL(23)))	/* SPAN */
		pstate |= SPSR_PAN;
	if (sctlr & BIT_ULL(44))	/* DSSBS */
		pstate |= SPSR_SSBS;
	if (has_feature(FEATURE_MTE))
		pstate |= SPSR_TCO;

	return pstate;
}

/*
 * An instruction that EL3 traps because it knows no such feature is undefined for who executed it.
 * It is only seen on a CPU newer than this firmware.
 */
static void inject_undefined(void)
{
	static unsigned int reports;
	u64 spsr = read_sysreg(spsr_el3);
	u64 elr = read_sysreg(elr_el3);
	unsigned int el = source_el();
	bool same_el = el != 0;
	u64 vector;

	if (reports < 8) {
		reports++;
		printf("EL3: trap from EL%u at 0x%llx, ESR 0x%llx: given back as undefined\n",
		       el, elr, read_sysreg(esr_el3));
	}

	/* EL0 of a host with TGE belongs to EL2. */
	if (el == 2 || (el == 0 && (read_sysreg(hcr_el2) & HCR_EL2_TGE))) {
		vector = read_sysreg(vbar_el2);
		write_sysreg(elr, elr_el2);
		write_sysreg(spsr, spsr_el2);
		write_sysreg(FIELD_PREP(ESR_EC, ESR_EC_UNKNOWN) | ESR_IL, esr_el2);
		el = 2;
	} else {
		vector = read_sysreg(vbar_el1);
		write_sysreg(elr, elr_el1);
		write_sysreg(spsr, spsr_el1);
		write_sysreg(FIELD_PREP(ESR_EC, ESR_EC_UNKNOWN) | ESR_IL, esr_el1);
		el = 1;
	}

	/* Vectors: 0x000 current EL with SP_EL0, 0x200 with SP_ELx, 0x400 from a lower EL */
	if (same_el)
		vector += spsr & 1 ? 0x200 : 0;
	else
		vector += 0x400;
	write_sysreg(vector, elr_el3);
	write_sysreg(exception_pstate(spsr, el), spsr_el3);
}

/* SMCCC reserves all immediates but 0. */
static void smc(struct trap_regs *regs, u64 esr)
{
	if (esr & ESR_SMC_IMMEDIATE)
		regs->x[0] = SMCCC_RET_NOT_SUPPORTED;
	else if (world_current() == WORLD_NS)
		host_smc(regs);
	else
		rmm_call(regs);
}

void el3_trap_lower(struct trap_regs *regs)
{
	u64 esr = read_sysreg(esr_el3);

	switch (FIELD_GET(ESR_EC, esr)) {
	case ESR_EC_SMC64:
		smc(regs, esr);
		break;
	case ESR_EC_SMC32:
		/* From AArch32, so from EL1 */
		regs->x[0] = SMCCC_RET_NOT_SUPPORTED;
		break;
	case ESR_EC_GPC:
		panic_regs(regs, "granule protection check exception, MFAR 0x%llx",
			   read_sysreg(MFAR_EL3));
	default:
		inject_undefined();
		break;
	}
}

void el3_trap_unexpected(struct trap_regs *regs, unsigned long vector)
{
	panic_regs(regs, "exception at vector 0x%lx", vector);
}

void el3_stack_overflow(unsigned long sp)
{
	panic("stack overflow: SP 0x%lx, ELR 0x%llx, FAR 0x%llx", sp, read_sysreg(elr_el3),
	      read_sysreg(far_el3));
}
