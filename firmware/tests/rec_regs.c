// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of a REC over exits of every kind, other RECs in between, and moves to another
 * CPU. The list of system registers is the RMM's own.
 */
#include <sysreg.h>
#include "../rmm/el1_regs.h"
#include "rec_regs.h"
#include "realm_run.h"
#include "simd.h"

#define READY			1
#define SHARED_IPA		0x90000000UL
#define LOADED			0x123456789abcdefULL
#define PSCI_CPU_SUSPEND	0xc4000001
#define ZCR_LEN			GENMASK_ULL(3, 0)

/* Names by which EL1 reaches what the list has for R-EL2, or the assembler does not know */
#define scxtnum_el0		SCXTNUM_EL0
#define scxtnum_el1		SCXTNUM_EL1
#define vdisr_el2		DISR_EL1
#define apiakeylo_el1		APIAKEYLO_EL1
#define apiakeyhi_el1		APIAKEYHI_EL1
#define apibkeylo_el1		APIBKEYLO_EL1
#define apibkeyhi_el1		APIBKEYHI_EL1
#define apdakeylo_el1		APDAKEYLO_EL1
#define apdakeyhi_el1		APDAKEYHI_EL1
#define apdbkeylo_el1		APDBKEYLO_EL1
#define apdbkeyhi_el1		APDBKEYHI_EL1
#define apgakeylo_el1		APGAKEYLO_EL1
#define apgakeyhi_el1		APGAKEYHI_EL1

enum {
#define REG_NUMBER(reg, name, feature)	REG_##reg,
	EL1_REGS(REG_NUMBER)
#undef REG_NUMBER
	NR_REGS,
};

/**
 * struct reg_bits - what can be tried of a register
 * @mask: bits that can be written and do no harm to the code that runs
 * @set: bits that are one in any case
 * @why: in place of them, why there are none
 */
struct reg_bits {
	u64 mask;
	u64 set;
	const char *why;
};

static const struct reg_bits reg_bits[NR_REGS] = {
	[REG_sp_el0] = { .mask = ~0ULL },
	[REG_sp_el1] = { .why = "in use: each REC has its own stack" },
	[REG_elr_el1] = { .mask = ~0ULL },
	[REG_spsr_el1] = { .mask = 0xf00003c5 },
	[REG_tpidr_el0] = { .mask = ~0ULL },
	[REG_tpidrro_el0] = { .mask = ~0ULL },
	[REG_tpidr_el1] = { .mask = ~0ULL },
	[REG_scxtnum_el0] = { .mask = ~0ULL },
	[REG_scxtnum_el1] = { .mask = ~0ULL },
	[REG_csselr_el1] = { .mask = 0x3 },
	/* What concerns EL0 only: SA0, UMA, UCT, nTWI, nTWE, UCI */
	[REG_sctlr_el1] = { .mask = 0x4058210 },
	[REG_cpacr_el1] = { .mask = 0x10330000 },
	[REG_tcr_el1] = { .mask = 0x7f3f3f3f3f },
	[REG_ttbr0_el1] = { .mask = 0xfffffffffffff000 },
	[REG_ttbr1_el1] = { .mask = 0xfffffffffffff000 },
	[REG_mair_el1] = { .mask = ~0ULL },
	[REG_amair_el1] = { .why = "RES0 on QEMU" },
	[REG_contextidr_el1] = { .mask = 0xffffffff },
	[REG_vbar_el1] = { .mask = 0xfffffffff800 },
	[REG_esr_el1] = { .mask = 0xffffffff },
	[REG_far_el1] = { .mask = ~0ULL },
	[REG_afsr0_el1] = { .why = "RES0 on QEMU" },
	[REG_afsr1_el1] = { .why = "RES0 on QEMU" },
	[REG_par_el1] = { .mask = 0xfffffff000, .set = 1 },
	/* KDE, MDE, TDCC: no breakpoint is enabled */
	[REG_mdscr_el1] = { .mask = 0xb000 },
	[REG_cntkctl_el1] = { .mask = 0x303 },
	[REG_cntp_cval_el0] = { .mask = ~0ULL },
	[REG_cntp_ctl_el0] = { .mask = 1, .set = 2 },	/* enabled or not, masked */
	[REG_cntv_cval_el0] = { .mask = ~0ULL },
	[REG_cntv_ctl_el0] = { .mask = 1, .set = 2 },
	[REG_vdisr_el2] = { .mask = 0x8100003f },
	[REG_apiakeylo_el1] = { .mask = ~0ULL },
	[REG_apiakeyhi_el1] = { .mask = ~0ULL },
	[REG_apibkeylo_el1] = { .mask = ~0ULL },
	[REG_apibkeyhi_el1] = { .mask = ~0ULL },
	[REG_apdakeylo_el1] = { .mask = ~0ULL },
	[REG_apdakeyhi_el1] = { .mask = ~0ULL },
	[REG_apdbkeylo_el1] = { .mask = ~0ULL },
	[REG_apdbkeyhi_el1] = { .mask = ~0ULL },
	[REG_apgakeylo_el1] = { .mask = ~0ULL },
	[REG_apgakeyhi_el1] = { .mask = ~0ULL },
};

/* What the CPU has, and where memory is shared: set before a realm gets its copy of it */
static struct {
	bool always;
	bool csv2_2;
	bool ras;
	bool pauth;
	bool pauth_generic;
	u64 shared;
} config;

#define HAS_ALWAYS		config.always
#define HAS_CSV2_2		config.csv2_2
#define HAS_RAS			config.ras
#define HAS_PAUTH		config.pauth
#define HAS_PAUTH_GENERIC	config.pauth_generic

#define IS_TRIED(number, has)	((has) && reg_bits[number].mask)

static unsigned int id_field(u64 reg, unsigned int shift)
{
	return reg >> shift & 0xf;
}

static void find_config(void)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1);
	u64 pfr1 = read_sysreg(id_aa64pfr1_el1);
	u64 isar1 = read_sysreg(id_aa64isar1_el1);
	u64 isar2 = read_sysreg(ID_AA64ISAR2_EL1);

	config.always = true;
	config.csv2_2 = id_field(pfr0, 56) >= 2 || id_field(pfr1, 32) >= 2;
	config.ras = id_field(pfr0, 28);
	config.pauth = id_field(isar1, 4) || id_field(isar1, 8) || id_field(isar2, 12);
	config.pauth_generic = id_field(isar1, 24) || id_field(isar1, 28) || id_field(isar2, 8);
	config.shared = SHARED_IPA | 1UL << (REALM_IPA_BITS - 1);
}

/* ---- system registers */

static u64 pattern(unsigned int n, u64 seed)
{
	return seed * 0x9e3779b97f4a7c15ULL + n * 0xc2b2ae3d27d4eb4fULL;
}

static u64 reg_value(unsigned int n, u64 seed, u64 old)
{
	const struct reg_bits *bits = &reg_bits[n];

	return (old & ~bits->mask) | (pattern(n, seed) & bits->mask) | bits->set;
}

static void regs_save(u64 *regs)
{
#define SAVE(reg, name, feature)						\
	if (IS_TRIED(REG_##reg, HAS_##feature))						\
		regs[REG_##reg] = read_sysreg(reg);
	EL1_REGS(SAVE)
#undef SAVE
}

static void regs_load(const u64 *regs)
{
#define LOAD(reg, name, feature)						\
	if (IS_TRIED(REG_##reg, HAS_##feature))						\
		write_sysreg(regs[REG_##reg], reg);
	EL1_REGS(LOAD)
#undef LOAD
	isb();
}

static void regs_fill(u64 seed, const u64 *old)
{
#define FILL(reg, name, feature)						\
	if (IS_TRIED(REG_##reg, HAS_##feature))						\
		write_sysreg(reg_value(REG_##reg, seed, old[REG_##reg]), reg);
	EL1_REGS(FILL)
#undef FILL
	isb();
}

/* Number of the first register that is not as it was filled, NR_REGS for none */
static unsigned int regs_differ(u64 seed)
{
	u64 now[NR_REGS] = { 0 };

	regs_save(now);
#define DIFFERS(reg, name, feature)						\
	if (IS_TRIED(REG_##reg, HAS_##feature) &&						\
	    (now[REG_##reg] ^ pattern(REG_##reg, seed)) & reg_bits[REG_##reg].mask & \
	    ~reg_bits[REG_##reg].set)						\
		return REG_##reg;
	EL1_REGS(DIFFERS)
#undef DIFFERS
	return NR_REGS;
}

/* ---- breakpoints and watchpoints, disabled */

#define BVR_MASK		0xfffffffffffcULL
#define BCR_MASK		0x000fc006ULL	/* PMC, SSC, LBN */
#define WVR_MASK		0xfffffffffff8ULL
#define WCR_MASK		0x000fdffeULL	/* PAC, LSC, BAS, SSC, LBN */

#define DEBUG_NUMBERS(R) \
	R(0) R(1) R(2) R(3) R(4) R(5) R(6) R(7) R(8) R(9) R(10) R(11) R(12) R(13) R(14) R(15)

static unsigned int nr_breakpoints, nr_watchpoints;	/* of the CPU */

static void debug_fill(u64 seed)
{
#define FILL(n)									\
	if (n < nr_breakpoints) {						\
		write_sysreg(pattern(100 + n, seed) & BVR_MASK, S2_0_C0_C##n##_4); \
		write_sysreg(pattern(200 + n, seed) & BCR_MASK, S2_0_C0_C##n##_5); \
	}									\
	if (n < nr_watchpoints) {						\
		write_sysreg(pattern(300 + n, seed) & WVR_MASK, S2_0_C0_C##n##_6); \
		write_sysreg(pattern(400 + n, seed) & WCR_MASK, S2_0_C0_C##n##_7); \
	}
	DEBUG_NUMBERS(FILL)
#undef FILL
}

/* Number of the first that differs: 100 + n for DBGBVR<n>, ...; 0 for none */
static unsigned int debug_differs(u64 seed)
{
#define DIFFERS(n)								\
	if (n < nr_breakpoints) {						\
		if ((read_sysreg(S2_0_C0_C##n##_4) ^ pattern(100 + n, seed)) & BVR_MASK) \
			return 100 + n;						\
		if ((read_sysreg(S2_0_C0_C##n##_5) ^ pattern(200 + n, seed)) & BCR_MASK) \
			return 200 + n;						\
	}									\
	if (n < nr_watchpoints) {						\
		if ((read_sysreg(S2_0_C0_C##n##_6) ^ pattern(300 + n, seed)) & WVR_MASK) \
			return 300 + n;						\
		if ((read_sysreg(S2_0_C0_C##n##_7) ^ pattern(400 + n, seed)) & WCR_MASK) \
			return 400 + n;						\
	}
	DEBUG_NUMBERS(DIFFERS)
#undef DIFFERS
	return 0;
}

/* ---- the realm leaves, in every way */

enum leave {
	LEAVE_HOST_CALL,
	LEAVE_WFI,
	LEAVE_LOAD,
	LEAVE_SYSREG,
	LEAVE_IRQ,
	LEAVE_PSCI,
	NR_LEAVES,
};

/* guest_host_call() would need TPIDR_EL1. */
static struct rsi_host_call regs_call __aligned(256) = { .imm = READY };

static void guest_leave(enum leave how)
{
	u64 *shared = (u64 *)config.shared;
	u64 value;

	switch (how) {
	case LEAVE_WFI:
		wfi();
		break;
	case LEAVE_LOAD:
		asm volatile("ldr %0, [%1]" : "=r" (value) : "r" (config.shared + SZ_4K));
		guest_check_eq(value, LOADED);
		break;
	case LEAVE_SYSREG:
		write_sysreg(0, ICC_SGI1R_EL1);
		break;
	case LEAVE_IRQ:
		while (!READ_ONCE(*shared))
			;
		break;
	case LEAVE_PSCI:
		guest_call(PSCI_CPU_SUSPEND, 0, 0, 0);
		break;
	default:
		guest_call(SMC_RSI_HOST_CALL, (u64)&regs_call, 0, 0);
		break;
	}
}

static void guest_regs(unsigned long seed)
{
	u64 old[NR_REGS] = { 0 };
	unsigned int reg, debug;

	write_sysreg(0, oslar_el1);
	regs_save(old);
	for (unsigned int how = 0; how < 2 * NR_LEAVES; how++) {
		regs_fill(seed + how, old);
		debug_fill(seed + how);
		/* What does not stay would not be missed. */
		reg = regs_differ(seed + how);
		if (reg == NR_REGS) {
			guest_leave(how % NR_LEAVES);
			reg = regs_differ(seed + how) + 1000;
		}
		debug = debug_differs(seed + how);
		regs_load(old);
		guest_check_eq(reg, 1000 + NR_REGS);
		guest_check_eq(debug, 0);
	}
}

/* ---- the host: two realms on two CPUs, which they change with each exit */

struct regs_realm {
	struct realm r;
	u64 *page;		/* shared with it */
	unsigned long flags;
	bool irq;		/* an interrupt is to end the entry */
	rmi_status_t status;
};

static struct regs_realm realms[2];

static void regs_boot(struct regs_realm *realm, void (*fn)(unsigned long), u64 seed, bool sve,
		      unsigned int vl)
{
	realm_init(&realm->r);
	if (sve) {
		realm->r.params->flags0 |= RMI_REALM_FLAGS0_SVE;
		realm->r.params->sve_vl = vl;
	}
	require_status(realm_start(&realm->r, fn, seed), RMI_SUCCESS);
	realm->page = ns_page();
	realm->flags = RMI_REC_ENTER_FLAGS_TRAP_WFI;
	realm->irq = false;
	require_status(realm_map_shared(&realm->r, config.shared, (unsigned long)realm->page, 3),
		       RMI_SUCCESS);
}

static void regs_destroy(struct regs_realm *realm)
{
	check_status(realm_unmap_shared(&realm->r, config.shared), RMI_SUCCESS);
	check_status(realm_destroy(&realm->r), RMI_SUCCESS);
}

/* For any CPU */
static void regs_enter(void *arg)
{
	struct regs_realm *realm = arg;

	if (realm->irq)
		timer_start(1000);
	realm->status = realm_enter(&realm->r, 0, realm->flags);
	if (realm->irq)
		timer_stop();
	realm->irq = false;
}

static const struct rmi_rec_exit *enter_on(struct regs_realm *realm, unsigned int cpu)
{
	if (cpu && nr_cpus > 1) {
		smp_run(1, regs_enter, realm);
		smp_wait(1);
	} else {
		regs_enter(realm);
	}
	require_status(realm->status, RMI_SUCCESS);
	realm->flags = RMI_REC_ENTER_FLAGS_TRAP_WFI;
	return realm_exit(&realm->r, 0);
}

static void check_left(struct regs_realm *realm, enum leave how)
{
	const struct rmi_rec_exit *exit = realm_exit(&realm->r, 0);

	check_guest(exit);
	switch (how) {
	case LEAVE_WFI:
		require_eq(exit_class(exit), ESR_EC_WFX);
		break;
	case LEAVE_LOAD:
		require_data_abort(exit, config.shared + SZ_4K);
		realm->r.rec[0].run->enter.gprs[0] = LOADED;
		realm->flags |= RMI_REC_ENTER_FLAGS_EMUL_MMIO;
		break;
	case LEAVE_SYSREG:
		require_eq(exit_class(exit), ESR_EC_SYS64);
		break;
	case LEAVE_IRQ:
		require_eq(exit->exit_reason, RMI_EXIT_IRQ);
		break;
	case LEAVE_PSCI:
		require_eq(exit->exit_reason, RMI_EXIT_PSCI);
		break;
	default:
		require(is_host_call(exit, READY));
		break;
	}
}

static void enter_and_check(struct regs_realm *realm, unsigned int cpu, enum leave how)
{
	/* The realm waits as long as it is zero. */
	*realm->page = how != LEAVE_IRQ;
	realm->irq = how == LEAVE_IRQ;
	enter_on(realm, cpu);
	check_left(realm, how);
}

static void run_all(void)
{
	for (unsigned int step = 0; step < 2 * NR_LEAVES; step++) {
		/* Twice on a CPU, then on the other */
		enter_and_check(&realms[0], step / 2 % 2, step % NR_LEAVES);
		enter_and_check(&realms[1], step / 2 % 2, step % NR_LEAVES);
	}
	for (unsigned int i = 0; i < 2; i++) {
		check_guest(enter_on(&realms[i], 0));
		require(is_host_call(realm_exit(&realms[i].r, 0), GUEST_DONE));
		regs_destroy(&realms[i]);
	}
}

static void check_table(void)
{
	for (unsigned int n = 0; n < NR_REGS; n++) {
		if (!reg_bits[n].mask && !reg_bits[n].why)
			test_failed(__FILE__, __LINE__, "register %u of el1_regs.h is not tried",
				    n);
	}
}

static void test_regs(void)
{
	u64 dfr0 = read_sysreg(id_aa64dfr0_el1);
	u64 old[NR_REGS] = { 0 };

	find_config();
	check_table();
	nr_breakpoints = id_field(dfr0, 12) + 1;
	nr_watchpoints = id_field(dfr0, 20) + 1;
	regs_boot(&realms[0], guest_regs, 1000, false, 0);
	regs_boot(&realms[1], guest_regs, 2000, false, 0);

	/* Those of the host, on this CPU */
	regs_save(old);
	regs_fill(3000, old);
	debug_fill(3000);
	run_all();
	check_eq(regs_differ(3000), NR_REGS);
	check_eq(debug_differs(3000), 0);
	regs_load(old);
}

/* ---- general-purpose registers and flags */

static void guest_gprs(unsigned long seed)
{
	static u64 after[REC_REGS_SIZE / 8];

	for (unsigned int how = 0; how < 2 * NR_LEAVES; how++) {
		bool psci = how % NR_LEAVES == LEAVE_PSCI;

		guest_gprs_raw(seed + how, how % NR_LEAVES, config.shared, after);
		for (unsigned int n = 0; n < 31; n++) {
			/* X0 and X1 are arguments or results, X2 and X3 results of PSCI. */
			if (n >= (psci ? 4 : 2))
				guest_check_eq(after[n], seed + how + 0x10000 * n);
		}
		guest_check_eq(after[31], how & 1 ? 0xa0000000 : 0x50000000);
	}
}

static void test_gprs(void)
{
	find_config();
	regs_boot(&realms[0], guest_gprs, 0x1000, false, 0);
	regs_boot(&realms[1], guest_gprs, 0x2000, false, 0);
	run_all();
}

/* ---- FP and SVE */

static void guest_vectors(unsigned long seed)
{
	const bool sve = FIELD_GET(GENMASK_ULL(35, 32), read_sysreg(id_aa64pfr0_el1));
	u64 len = 0;

	for (unsigned int how = 0; how < 2 * NR_LEAVES; how++) {
		u64 value = seed + 2 * how + (how & 1);

		if (sve) {
			/* ZCR_EL1.LEN differs from entry to entry and from REC to REC. */
			len = (seed + how) % 4;
			write_sysreg(len, ZCR_EL1);
			isb();
			sve_fill(value);
		} else {
			simd_fill(value);
		}
		write_sysreg(value & 0x9f, fpsr);
		write_sysreg((value & 7) << 22, fpcr);
		guest_leave(how % NR_LEAVES);
		if (sve) {
			guest_check_eq(read_sysreg(ZCR_EL1), len);
			guest_check_eq(sve_differs(value), SVE_SAME);
		} else {
			guest_check_eq(simd_differs(value), SIMD_SAME);
		}
		guest_check_eq(read_sysreg(fpsr), value & 0x9f);
		guest_check_eq(read_sysreg(fpcr), (value & 7) << 22);
	}
}

static void test_vectors(void)
{
	struct rmi_features_out out;
	unsigned int vl;
	bool sve;

	require_status(rmi_features(0, &out), RMI_SUCCESS);
	sve = out.value & RMI_FEATURE_REGISTER0_SVE;
	vl = FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, out.value);
	find_config();

	/* Two with SVE; then one without, which takes turns with one that has it. */
	regs_boot(&realms[0], guest_vectors, 0x1000, sve, vl);
	regs_boot(&realms[1], guest_vectors, 0x2001, sve, vl);
	run_all();
	regs_boot(&realms[0], guest_vectors, 0x3000, sve, vl);
	regs_boot(&realms[1], guest_vectors, 0x4001, false, 0);
	run_all();
}

const struct test rec_regs_tests[] = {
	{ "system registers and breakpoints of two RECs that change CPUs", test_regs },
	{ "general-purpose registers of two RECs that change CPUs", test_gprs },
	{ "FP and SVE registers of two RECs that change CPUs", test_vectors },
	{ }
};
