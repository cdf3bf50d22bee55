// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's registers across worlds: each register of el3/world.h gets values of the host's, in
 * which traps are on for all that a realm does, around each RMI call from the making of a realm to
 * its end. The realm writes its own to all it can reach.
 */
#include <string.h>
#include <sysreg.h>
#include "../el3/world.h"
#include "../rmm/el1_regs.h"
#include "harness.h"
#include "realm_run.h"

#define READY		1

/* Fields of registers of which not all may change while this runs at EL2 */
#define SCTLR_A		BIT_ULL(1)
#define SCTLR_NAA	BIT_ULL(6)
#define SCTLR_DSSBS	BIT_ULL(44)
#define HCR_NV		(BIT_ULL(42) | BIT_ULL(43) | BIT_ULL(45))
#define HCR_KEEP	(HCR_EL2_TGE | HCR_EL2_E2H | HCR_EL2_RW | HCR_EL2_IMO | HCR_EL2_FMO | \
			 HCR_EL2_AMO | HCR_EL2_HCD | HCR_NV)
#define CPTR_TTA	BIT_ULL(20)
#define CPTR_TAM	BIT_ULL(30)
#define CPTR_TCPAC	BIT_ULL(31)
#define MDCR_TRAPS	(BIT_ULL(5) | BIT_ULL(6) | GENMASK_ULL(11, 9) | BIT_ULL(14) | \
			 BIT_ULL(19) | BIT_ULL(27))
#define SMCR_EZT0	BIT_ULL(30)
#define SMCR_FA64	BIT_ULL(31)
#define ICC_SRE_BYPASS	GENMASK_ULL(2, 1)
#define TTBR_CNP	BIT_ULL(0)
#define TCR_TBI		BIT_ULL(20)
#define TCR_HWU		GENMASK_ULL(28, 25)
#define TCR2_PTTWI	BIT_ULL(10)
#define MAIR_UNUSED	GENMASK_ULL(63, 16)
#define SCTLR2_ERRORS	(BIT_ULL(2) | BIT_ULL(5))
#define GCSCR_RVCHKEN	BIT_ULL(5)
#define CNTHCTL_NO_EVNT	0xfbULL
#define CNTKCTL_NO_EVNT	0x3fbULL
#define CNT_CTL_ENABLE	BIT_ULL(0)
#define CNT_CTL_IMASK	BIT_ULL(1)
#define MDSCR_DEBUG	(BIT_ULL(12) | BIT_ULL(13) | BIT_ULL(15))
#define CPACR_EL0	(BIT_ULL(20) | BIT_ULL(16))

#define CHANGE_ALL	~0ULL

/* Bits the test does not change in a register of which it changes others */
static u64 bits_to_change(enum world_sysreg reg)
{
	switch (reg) {
	case WORLD_sctlr_el2:
		return SCTLR_A | SCTLR_NAA | SCTLR_DSSBS;
	case WORLD_hcr_el2:
		return ~HCR_KEEP;
	case WORLD_cptr_el2:
		return CPTR_TTA | CPTR_TAM | CPTR_TCPAC;
	case WORLD_mdcr_el2:
		return MDCR_TRAPS;
	case WORLD_SCTLR2_EL2:
		return SCTLR2_ERRORS;
	case WORLD_ZCR_EL2:
	case WORLD_ZCR_EL1:
	case WORLD_SMCR_EL1:
		return ZCR_LEN;
	case WORLD_SMCR_EL2:
		return SMCR_LEN | SMCR_EZT0 | SMCR_FA64;
	case WORLD_ICC_SRE_EL2:
	case WORLD_ICC_SRE_EL1:
		return ICC_SRE_BYPASS;
	case WORLD_ttbr0_el2:
		return TTBR_CNP;
	case WORLD_tcr_el2:
		return TCR_TBI | TCR_HWU;
	case WORLD_TCR2_EL2:
		return TCR2_PTTWI;
	case WORLD_mair_el2:
		return MAIR_UNUSED;
	case WORLD_vbar_el2:
		return 0;
	case WORLD_GCSCR_EL2:
		return GCSCR_RVCHKEN;
	case WORLD_cnthctl_el2:
		return CNTHCTL_NO_EVNT;
	case WORLD_cntkctl_el1:
		return CNTKCTL_NO_EVNT;
	case WORLD_cntv_ctl_el0:
	case WORLD_cntp_ctl_el0:
		return CNT_CTL_ENABLE | CNT_CTL_IMASK;
	case WORLD_mdscr_el1:
		return MDSCR_DEBUG;
	default:
		return CHANGE_ALL;
	}
}

/* ISTATUS of a timer comes and goes. */
static u64 bits_to_compare(enum world_sysreg reg)
{
	if (reg == WORLD_cntv_ctl_el0 || reg == WORLD_cntp_ctl_el0)
		return bits_to_change(reg);
	return CHANGE_ALL;
}

/* Found apart from the monitor, which may be wrong about a feature. */
static bool present[NR_FEATURES];

#define ID_FIELD(reg, lsb)	((read_sysreg(reg) >> (lsb)) & 0xf)

static void find_features(void)
{
	u64 csv2 = ID_FIELD(id_aa64pfr0_el1, 56);

	memset(present, 0, sizeof(present));
	present[FEATURE_ALWAYS] = true;
	present[FEATURE_RAS] = ID_FIELD(id_aa64pfr0_el1, 28);
	present[FEATURE_SVE] = ID_FIELD(id_aa64pfr0_el1, 32);
	present[FEATURE_MTE] = ID_FIELD(id_aa64pfr1_el1, 8) >= 2;
	present[FEATURE_SME] = ID_FIELD(id_aa64pfr1_el1, 24);
	present[FEATURE_GCS] = ID_FIELD(id_aa64pfr1_el1, 44);
	present[FEATURE_SCXTNUM] = csv2 >= 2 || (csv2 && ID_FIELD(id_aa64pfr1_el1, 32) >= 2);
	present[FEATURE_FGT] = ID_FIELD(id_aa64mmfr0_el1, 56);
	present[FEATURE_FGT2] = ID_FIELD(id_aa64mmfr0_el1, 56) >= 2;
	present[FEATURE_FGT_AMU] = present[FEATURE_FGT] && ID_FIELD(id_aa64pfr0_el1, 44);
	present[FEATURE_ECV] = ID_FIELD(id_aa64mmfr0_el1, 60) >= 2;
	present[FEATURE_HCX] = ID_FIELD(id_aa64mmfr1_el1, 40);
	present[FEATURE_TCR2] = ID_FIELD(ID_AA64MMFR3_EL1, 0);
	present[FEATURE_SCTLR2] = ID_FIELD(ID_AA64MMFR3_EL1, 4);
	present[FEATURE_S1PIE] = ID_FIELD(ID_AA64MMFR3_EL1, 8);
	present[FEATURE_S2PIE] = ID_FIELD(ID_AA64MMFR3_EL1, 12);
	present[FEATURE_S1POE] = ID_FIELD(ID_AA64MMFR3_EL1, 16);
	present[FEATURE_S2POE] = ID_FIELD(ID_AA64MMFR3_EL1, 20);
	present[FEATURE_TRF] = ID_FIELD(id_aa64dfr0_el1, 40);
	present[FEATURE_PAUTH] = ID_FIELD(id_aa64isar1_el1, 4) || ID_FIELD(id_aa64isar1_el1, 8) ||
				 ID_FIELD(ID_AA64ISAR2_EL1, 12);
}

/* SP_EL2 is in use; the test goes on if it is preserved. */
static bool is_tested(enum world_sysreg reg, enum feature feature)
{
	return present[feature] && reg != WORLD_sp_el2;
}

static noinline void read_all(u64 *values)
{
#define X(reg, feature)								\
	if (is_tested(WORLD_##reg, FEATURE_##feature))				\
		values[WORLD_##reg] = read_sysreg(reg);
	WORLD_SYSREGS(X)
#undef X
}

static noinline void write_all(const u64 *values)
{
#define X(reg, feature)								\
	if (is_tested(WORLD_##reg, FEATURE_##feature))				\
		write_sysreg(values[WORLD_##reg], reg);
	WORLD_SYSREGS(X)
#undef X
	isb();
}

static const char *const names[] = {
#define X(reg, feature) #reg,
	WORLD_SYSREGS(X)
#undef X
};

static u64 random_bits(unsigned int n)
{
	return (n + 1) * 0x9e3779b97f4a7c15ULL ^ (n + 1) * 0xc2b2ae3d27d4eb4fULL >> 7;
}

#define NR_PATTERNS	4

/* All bits changed, some, the others, and some of the upper half alone */
static u64 pattern(unsigned int round, unsigned int n)
{
	switch (round % NR_PATTERNS) {
	case 0:
		return ~0ULL;
	case 1:
		return random_bits(n);
	case 2:
		return ~random_bits(n);
	default:
		return random_bits(n) & GENMASK_ULL(63, 32);
	}
}

static u64 original[NR_WORLD_SYSREGS], wanted[NR_WORLD_SYSREGS], seen[NR_WORLD_SYSREGS];
static unsigned int calls;

static void compare(const struct arm_smccc_1_2_regs *call)
{
	for (unsigned int i = 0; i < NR_WORLD_SYSREGS; i++) {
		if (!((wanted[i] ^ seen[i]) & bits_to_compare(i)))
			continue;
		test_failed(__FILE__, __LINE__, "0x%lx: %s is 0x%llx, not 0x%llx", call->a0,
			    names[i], seen[i], wanted[i]);
		test_abort();
	}
}

/* In the place of each RMI call */
static void call_with_registers(struct arm_smccc_1_2_regs *regs)
{
	struct arm_smccc_1_2_regs call = *regs;

	read_all(original);
	for (unsigned int i = 0; i < NR_WORLD_SYSREGS; i++)
		wanted[i] = original[i] ^ (pattern(calls, i) & bits_to_change(i));
	write_all(wanted);
	memset(wanted, 0, sizeof(wanted));	/* also of registers that are not there */
	read_all(wanted);
	arm_smccc_1_2_smc(regs, regs);
	read_all(seen);
	write_all(original);
	calls++;
	compare(&call);
}

/* ---- what the realm does meanwhile */

/* What it can write without losing itself */
static const bool realm_writes[NR_WORLD_SYSREGS] = {
	[WORLD_cpacr_el1] = true,
	[WORLD_ZCR_EL1] = true,
	[WORLD_csselr_el1] = true,
	[WORLD_mdscr_el1] = true,
	[WORLD_ttbr0_el1] = true,
	[WORLD_ttbr1_el1] = true,
	[WORLD_tcr_el1] = true,
	[WORLD_mair_el1] = true,
	[WORLD_amair_el1] = true,
	[WORLD_contextidr_el1] = true,
	[WORLD_par_el1] = true,
	[WORLD_elr_el1] = true,
	[WORLD_spsr_el1] = true,
	[WORLD_sp_el0] = true,
	[WORLD_esr_el1] = true,
	[WORLD_far_el1] = true,
	[WORLD_afsr0_el1] = true,
	[WORLD_afsr1_el1] = true,
	[WORLD_tpidr_el0] = true,
	[WORLD_tpidrro_el0] = true,
	[WORLD_SCXTNUM_EL1] = true,
	[WORLD_SCXTNUM_EL0] = true,
	[WORLD_APIAKEYLO_EL1] = true,
	[WORLD_APIAKEYHI_EL1] = true,
	[WORLD_APIBKEYLO_EL1] = true,
	[WORLD_APIBKEYHI_EL1] = true,
	[WORLD_APDAKEYLO_EL1] = true,
	[WORLD_APDAKEYHI_EL1] = true,
	[WORLD_APDBKEYLO_EL1] = true,
	[WORLD_APDBKEYHI_EL1] = true,
	[WORLD_APGAKEYLO_EL1] = true,
	[WORLD_APGAKEYHI_EL1] = true,
	[WORLD_cntkctl_el1] = true,
	[WORLD_cntv_ctl_el0] = true,
	[WORLD_cntv_cval_el0] = true,
	[WORLD_cntp_ctl_el0] = true,
	[WORLD_cntp_cval_el0] = true,
};

/* A timer stays masked, and EL1 keeps the use of FP and SVE. */
static u64 realm_value(enum world_sysreg reg, unsigned int round)
{
	u64 value = pattern(round, 1000 + reg) & bits_to_change(reg);

	switch (reg) {
	case WORLD_cntv_ctl_el0:
	case WORLD_cntp_ctl_el0:
		return value | CNT_CTL_IMASK;
	case WORLD_cpacr_el1:
		return CPACR_EL0 | (value & CPACR_EL0 << 1);
	default:
		return value;
	}
}

static void realm_write_all(unsigned int round)
{
#define X(reg, feature)								\
	if (realm_writes[WORLD_##reg] && present[FEATURE_##feature])		\
		write_sysreg(realm_value(WORLD_##reg, round), reg);
	WORLD_SYSREGS(X)
#undef X
	isb();
}

static void realm_read_all(u64 *values)
{
#define X(reg, feature)								\
	if (realm_writes[WORLD_##reg] && present[FEATURE_##feature])		\
		values[WORLD_##reg] = read_sysreg(reg) & bits_to_compare(WORLD_##reg);
	WORLD_SYSREGS(X)
#undef X
}

/* The realm's copies of the arrays. A difference is reported with the number of the register. */
static void guest_writes(unsigned long rounds)
{
	find_features();
	if (present[FEATURE_SVE])
		write_sysreg(ZCR_LEN, ZCR_EL1);
	guest_sync(READY);

	memset(wanted, 0, sizeof(wanted));
	memset(seen, 0, sizeof(seen));
	for (unsigned int round = 0; round < rounds; round++) {
		/* Each pattern of the realm's comes with each of the host's. */
		realm_write_all(round + round / NR_PATTERNS);
		realm_read_all(wanted);
		guest_sync(READY);
		realm_read_all(seen);
		for (unsigned int i = 0; i < NR_WORLD_SYSREGS; i++) {
			if (wanted[i] != seen[i])
				guest_fail(10000 + i, seen[i], wanted[i]);
		}
	}
}

#define ROUNDS		(NR_PATTERNS * NR_PATTERNS)
#define HOST_ZCR	5

/* Apart from the table, which may name a wrong feature: an entry in which the realm writes it */
static void enter_with_zcr_el1(struct realm *r)
{
	u64 zcr = read_sysreg(ZCR_EL1);

	write_sysreg(HOST_ZCR, ZCR_EL1);
	rmi_hook = arm_smccc_call;
	enter_host_call(r, 0, READY);
	rmi_hook = call_with_registers;
	check_eq(read_sysreg(ZCR_EL1) & ZCR_LEN, HOST_ZCR);
	write_sysreg(zcr, ZCR_EL1);
}

static void across_a_realm(void)
{
	static struct realm realm;
	struct rmi_features_out out;

	require_status(rmi_features(0, &out), RMI_SUCCESS);
	find_features();
	calls = 0;
	rmi_hook = call_with_registers;
	realm_init(&realm);
	if (out.value & RMI_FEATURE_REGISTER0_SVE) {
		realm.params->flags0 |= RMI_REALM_FLAGS0_SVE;
		realm.params->sve_vl = FIELD_GET(RMI_FEATURE_REGISTER0_SVE_VL, out.value);
	}
	require_status(realm_start(&realm, guest_writes, ROUNDS), RMI_SUCCESS);
	if (present[FEATURE_SVE])
		enter_with_zcr_el1(&realm);
	else
		enter_host_call(&realm, 0, READY);
	for (unsigned int round = 0; round < ROUNDS; round++)
		enter_host_call(&realm, 0, READY);
	finish(&realm);
	rmi_hook = arm_smccc_call;
	check(calls > 50);
}

/*
 * What the Realm world writes: by hand (traps.c, mmu.c, boot.S, run.c, simd.c, timer.c of the RMM),
 * and by taking exceptions. A register that the list of the monitor lacks is not looked at above.
 */
static const char *const written_by_rmm[] = {
	"sctlr_el2", "hcr_el2", "HCRX_EL2", "cptr_el2", "mdcr_el2", "hstr_el2", "HFGRTR_EL2",
	"HFGWTR_EL2", "HFGITR_EL2", "HDFGRTR_EL2", "HDFGWTR_EL2", "HFGRTR2_EL2", "HFGWTR2_EL2",
	"HFGITR2_EL2", "HDFGRTR2_EL2", "HDFGWTR2_EL2", "ZCR_EL2", "SMCR_EL2", "ttbr0_el2",
	"tcr_el2", "mair_el2", "vttbr_el2", "vtcr_el2", "vbar_el2", "elr_el2", "spsr_el2",
	"sp_el2", "esr_el2", "far_el2", "hpfar_el2", "tpidr_el2", "vpidr_el2", "vmpidr_el2",
	"cnthctl_el2", "cntvoff_el2",
};

/* And what the realm writes, by its list of the RMM */
static const char *const written_by_realm[] = {
#define EL1_NAME(member, name, feature) #member,
	EL1_REGS(EL1_NAME)
#undef EL1_NAME
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_name(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return lower(*a) == lower(*b);
}

static void check_listed(const char *const *wanted_names, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		bool found = false;

		for (unsigned int j = 0; j < NR_WORLD_SYSREGS && !found; j++)
			found = same_name(wanted_names[i], names[j]);
		if (!found)
			test_failed(__FILE__, __LINE__, "%s is not switched", wanted_names[i]);
	}
}

static void none_forgotten(void)
{
	check_listed(written_by_rmm, ARRAY_SIZE(written_by_rmm));
	check_listed(written_by_realm, ARRAY_SIZE(written_by_realm));
}

static const unsigned int commands[] = {
#define RMI_FID(NAME, name, nr_in, nr_out) SMC_RMI_##NAME,
	RMI_COMMANDS(RMI_FID)
#undef RMI_FID
};

/* What succeeds is seen above; with such arguments most commands fail. */
static void across_failures(void)
{
	struct arm_smccc_1_2_regs regs;

	find_features();
	for (unsigned int round = 0; round < NR_PATTERNS; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
			memset(&regs, 0xff, sizeof(regs));
			regs.a0 = commands[i];
			call_with_registers(&regs);
		}
	}
}

const struct test el3_world_tests[] = {
	{ "the host's registers survive a realm, and the realm the host's", across_a_realm },
	{ "each register that the Realm world writes is switched", none_forgotten },
	{ "the host's registers survive each command that fails", across_failures },
	{ },
};
