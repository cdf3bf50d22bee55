// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a realm does not have: registers of features that are hidden from it are undefined,
 * a few others read as zero, and ID registers tell no more than the realm may use.
 */
#include <sysreg.h>
#include "realm_run.h"

#define READY			1

#define CPACR_SMEN		GENMASK_ULL(25, 24)

static struct realm realm;

/* ---- registers that are undefined, read and written */

#define UNDEFINED(R)								\
	/* PMU: PMCR to PMCEID1, PMCCNTR to PMXEVCNTR, PMUSERENR, PMOVSSET */	\
	R(S3_3_C9_C12_0) R(S3_3_C9_C12_1) R(S3_3_C9_C12_2) R(S3_3_C9_C12_3)	\
	R(S3_3_C9_C12_5) R(S3_3_C9_C12_6) R(S3_3_C9_C12_7) R(S3_3_C9_C13_0)	\
	R(S3_3_C9_C13_1) R(S3_3_C9_C13_2) R(S3_3_C9_C14_0) R(S3_3_C9_C14_3)	\
	/* PMINTENSET, PMINTENCLR, PMMIR, PMEVCNTR0, PMEVTYPER0, PMCCFILTR */	\
	R(S3_0_C9_C14_1) R(S3_0_C9_C14_2) R(S3_0_C9_C14_6) R(S3_3_C14_C8_0)	\
	R(S3_3_C14_C12_0) R(S3_3_C14_C15_7)					\
	/* Statistical profiling: PMSCR to PMSIDR, PMBLIMITR, PMBPTR, PMBSR */	\
	R(S3_0_C9_C9_0) R(S3_0_C9_C9_2) R(S3_0_C9_C9_3) R(S3_0_C9_C9_4)		\
	R(S3_0_C9_C9_5) R(S3_0_C9_C9_6) R(S3_0_C9_C9_7) R(S3_0_C9_C10_0)	\
	R(S3_0_C9_C10_1) R(S3_0_C9_C10_3)					\
	/* Trace: TRFCR, TRBLIMITR to TRBSR, TRCPRGCTLR, BRBCR, BRBFCR */	\
	R(S3_0_C1_C2_1) R(S3_0_C9_C11_0) R(S3_0_C9_C11_1) R(S3_0_C9_C11_2)	\
	R(S3_0_C9_C11_3) R(S2_1_C0_C1_0) R(S2_1_C9_C0_0) R(S2_1_C9_C0_1)	\
	/* LORSA to LORC, LORID */						\
	R(S3_0_C10_C4_0) R(S3_0_C10_C4_1) R(S3_0_C10_C4_2) R(S3_0_C10_C4_3)	\
	R(S3_0_C10_C4_7)							\
	/* RAS: ERRIDR, ERRSELR, ERXFR, ERXCTLR, ERXSTATUS, ERXADDR */		\
	R(S3_0_C5_C3_0) R(S3_0_C5_C3_1) R(S3_0_C5_C4_0) R(S3_0_C5_C4_1)		\
	R(S3_0_C5_C4_2) R(S3_0_C5_C4_3)						\
	/* MTE: RGSR, GCR, TFSR, TFSRE0 */					\
	R(S3_0_C1_C0_5) R(S3_0_C1_C0_6) R(S3_0_C5_C6_0) R(S3_0_C5_C6_1)		\
	/* SME: SMPRI, SMCR, TPIDR2, SVCR */					\
	R(S3_0_C1_C2_4) R(S3_0_C1_C2_6) R(S3_3_C13_C0_5) R(S3_3_C4_C2_2)	\
	/* AMU: AMCR, AMCFGR, AMUSERENR, AMCNTENSET0, AMEVCNTR00 */		\
	R(S3_3_C13_C2_0) R(S3_3_C13_C2_1) R(S3_3_C13_C2_3) R(S3_3_C13_C2_5)	\
	R(S3_3_C13_C4_0)							\
	/* MPAM1, MPAM0, MPAMIDR */						\
	R(S3_0_C10_C5_0) R(S3_0_C10_C5_1) R(S3_0_C10_C4_4)			\
	/* SCTLR2, TCR2, PIRE0, PIR, POR_EL1, POR_EL0, S2POR, MAIR2, AMAIR2 */	\
	R(S3_0_C1_C0_3) R(S3_0_C2_C0_3) R(S3_0_C10_C2_2) R(S3_0_C10_C2_3)	\
	R(S3_0_C10_C2_4) R(S3_3_C10_C2_4) R(S3_0_C10_C2_5) R(S3_0_C10_C2_1)	\
	R(S3_0_C10_C3_1)							\
	/* GCSCR, GCSPR_EL1, GCSCRE0, GCSPR_EL0, FPMR, ACCDATA, RCWMASK */	\
	R(S3_0_C2_C5_0) R(S3_0_C2_C5_1) R(S3_0_C2_C5_2) R(S3_3_C2_C5_1)		\
	R(S3_3_C4_C4_2) R(S3_0_C13_C0_5) R(S3_0_C13_C0_6)			\
	/* HCR_EL2, VTTBR_EL2, SCR_EL3, IMPLEMENTATION DEFINED */		\
	R(S3_4_C1_C1_0) R(S3_4_C2_C1_0) R(S3_6_C1_C1_0)				\
	R(S3_0_C15_C0_0) R(S3_0_C11_C0_0) R(S3_7_C15_C2_0)

enum {
#define NUMBER(reg)	UNDEF_##reg,
	UNDEFINED(NUMBER)
#undef NUMBER
	NR_UNDEFINED,
};

static void check_undefined(unsigned int line)
{
	u64 count = guest_expected();

	if (count != 1 || guest_trap()->esr != ESR_IL)
		guest_fail(line, count ? guest_trap()->esr : 0, ESR_IL);
}

/* A failure has 1000 and the number of the register for a read, 2000 for a write. */
static void guest_undefined(unsigned long arg)
{
	/* Not CPACR_EL1 decides. */
	write_sysreg(read_sysreg(cpacr_el1) | CPACR_SMEN, cpacr_el1);
	isb();
#define TRY(reg)								\
	guest_expect();								\
	asm volatile("mrs x0, " #reg : : : "x0");				\
	check_undefined(1000 + UNDEF_##reg);					\
	guest_expect();								\
	asm volatile("msr " #reg ", xzr");					\
	check_undefined(2000 + UNDEF_##reg);
	UNDEFINED(TRY)
#undef TRY
	/* ALLINT; nothing traps a read of it. */
	guest_expect();
	asm volatile("msr S3_0_C4_C3_0, xzr");
	check_undefined(3000);
}

/*
 * GMID_EL1 and SMIDR_EL1: with FEAT_IDST, what is undefined among the ID registers has the
 * syndrome of a trap.
 */
static void guest_undefined_id(unsigned long arg)
{
	guest_expect();
	asm volatile("mrs x0, S3_1_C0_C0_4" : : : "x0");
	guest_check_eq(guest_expected(), 1);
	guest_expect();
	asm volatile("mrs x0, S3_1_C0_C0_6" : : : "x0");
	guest_check_eq(guest_expected(), 1);
}

static void test_undefined_id(void)
{
	boot(&realm, guest_undefined_id);
	finish(&realm);
}

static void test_undefined(void)
{
	boot(&realm, guest_undefined);
	finish(&realm);
}

/* ---- registers that read as zero and ignore writes; QEMU lacks DBGPRCR_EL1 and DBGDTR_EL0 */

#define RAZ_WI(R)								\
	/* ACTLR, OSDLR, OSECCR, DBGCLAIMSET, DBGCLAIMCLR */			\
	R(S3_0_C1_C0_1) R(S2_0_C1_C3_4) R(S2_0_C0_C6_2) R(S2_0_C7_C8_6)		\
	R(S2_0_C7_C9_6)								\
	/* OSDTRRX, MDCCINT, OSDTRTX, DBGDTRRX and DBGDTRTX */			\
	R(S2_0_C0_C0_2) R(S2_0_C0_C2_0) R(S2_0_C0_C3_2) R(S2_3_C0_C5_0)

enum {
#define NUMBER(reg)	RAZ_##reg,
	RAZ_WI(NUMBER)
#undef NUMBER
};

/* Read-only: MDRAR_EL1, MDCCSR_EL0 */
static void guest_raz_wi(unsigned long arg)
{
#define TRY(reg)								\
	write_sysreg(~0ULL, reg);						\
	if (read_sysreg(reg))							\
		guest_fail(1000 + RAZ_##reg, read_sysreg(reg), 0);
	RAZ_WI(TRY)
#undef TRY
	guest_check_eq(read_sysreg(S2_0_C1_C0_0), 0);
	guest_check_eq(read_sysreg(S2_3_C0_C1_0), 0);
}

static void test_raz_wi(void)
{
	const u64 claim = 0x5;

	boot(&realm, guest_raz_wi);
	/* Claim tags of the host */
	write_sysreg(0xff, S2_0_C7_C9_6);
	write_sysreg(claim, S2_0_C7_C8_6);
	isb();
	finish(&realm);
	check_eq(read_sysreg(S2_0_C7_C9_6), claim);
	write_sysreg(0xff, S2_0_C7_C9_6);
}

/* ---- ID registers */

#define F(shift)		(0xfULL << (shift))
#define LOW(bits)		GENMASK_ULL((bits) - 1, 0)

/*
 * R(CRm, op2, shown, hidden): fields that are the CPU's, and fields that are zero. What is
 * in neither is checked one by one.
 */
#define ID_REGISTERS(R)								\
	/* AArch32: PFR0, PFR1, DFR0, AFR0, MMFR0 to 3 */			\
	R(1, 0, LOW(16) | F(24), F(16) | F(20) | F(28))				\
	R(1, 1, LOW(32) & ~(F(4) | F(12)), F(4) | F(12))			\
	R(1, 2, F(0), ~F(0))							\
	R(1, 3, 0, ~0ULL)							\
	R(1, 4, LOW(32), 0) R(1, 5, LOW(32), 0) R(1, 6, LOW(32), 0)		\
	R(1, 7, LOW(32), 0)							\
	/* ISAR0 to 5, MMFR4, ISAR6 */						\
	R(2, 0, LOW(32), 0) R(2, 1, LOW(32), 0) R(2, 2, LOW(32), 0)		\
	R(2, 3, LOW(32), 0) R(2, 4, LOW(32), 0) R(2, 5, LOW(32), 0)		\
	R(2, 6, LOW(32), 0) R(2, 7, LOW(32), 0)					\
	/* MVFR0 to 2, PFR2, DFR1, MMFR5 */					\
	R(3, 0, LOW(32), 0) R(3, 1, LOW(32), 0) R(3, 2, LOW(32), 0)		\
	R(3, 3, 0, ~0ULL) R(3, 4, LOW(12), ~LOW(12)) R(3, 5, 0, ~0ULL)		\
	R(3, 6, LOW(32), 0) R(3, 7, 0, ~0ULL)					\
	/* PFR0: not RAS, SEL2, MPAM, AMU, RME; SVE is the realm's */		\
	R(4, 0, F(16) | F(20) | F(24) | F(48) | F(56) | F(60),			\
	  F(28) | F(32) | F(36) | F(40) | F(44) | F(52))			\
	/* PFR1: BT, SSBS, CSV2_frac; not SME, NMI, GCS, THE ... */		\
	R(4, 1, F(0) | F(4) | F(32), ~(F(0) | F(4) | F(8) | F(32)))		\
	R(4, 2, 0, ~0ULL) R(4, 3, 0, ~0ULL) R(4, 4, 0, ~0ULL)			\
	R(4, 5, 0, ~0ULL) R(4, 6, 0, ~0ULL) R(4, 7, 0, ~0ULL)			\
	/* DFR0: not trace, PMU, SPE, BRBE ...; the rest below */		\
	R(5, 0, 0, ~(F(0) | F(12) | F(20) | F(28) | F(36)))			\
	R(5, 1, 0, ~0ULL) R(5, 2, 0, ~0ULL) R(5, 3, 0, ~0ULL)			\
	R(5, 4, 0, ~0ULL) R(5, 5, 0, ~0ULL) R(5, 6, 0, ~0ULL)			\
	R(5, 7, 0, ~0ULL)							\
	/* ISAR0: not TME; ISAR1: not LS64; ISAR2: not the 128-bit forms */	\
	R(6, 0, ~(F(0) | F(24)), F(0) | F(24)) R(6, 1, ~F(60), F(60))		\
	R(6, 2, ~(F(32) | F(36)), F(32) | F(36)) R(6, 3, 0, ~0ULL)		\
	R(6, 4, 0, ~0ULL) R(6, 5, 0, ~0ULL) R(6, 6, 0, ~0ULL)			\
	R(6, 7, 0, ~0ULL)							\
	/* MMFR0: not SNSMem, TGran of stage 2, ExS, FGT */			\
	R(7, 0, LOW(12) | F(16) | F(20) | F(24) | F(28),			\
	  F(12) | F(32) | F(36) | F(40) | F(44) | F(48) | F(52) | F(56))	\
	/* MMFR1: not VMIDBits, VH, LO, XNX, TWED, HCX */			\
	R(7, 1, F(12) | F(20) | F(24) | F(36) | F(44) | F(48) | F(52) | F(56) | F(60), \
	  F(4) | F(8) | F(16) | F(28) | F(32) | F(40))				\
	/* MMFR2: not IESB, NV, FWB, EVT */					\
	R(7, 2, LOW(12) | F(16) | F(20) | F(28) | F(32) | F(48) | F(52) | F(60), \
	  F(12) | F(24) | F(40) | F(44) | F(56))				\
	R(7, 3, 0, ~0ULL) R(7, 4, 0, ~0ULL) R(7, 5, 0, ~0ULL)			\
	R(7, 6, 0, ~0ULL) R(7, 7, 0, ~0ULL)

/* The CPU's, by CRm and op2; read before the realm gets its copy */
static u64 cpu_id[8][8];

static void read_cpu_id(void)
{
#define READ(crm, op2, shown, hidden)	cpu_id[crm][op2] = read_sysreg(S3_0_C0_C##crm##_##op2);
	ID_REGISTERS(READ)
#undef READ
}

/* A failure has 100 and CRm and op2 as digits for a field that is shown, 200 for a hidden one. */
static void check_id(unsigned int number, u64 value, u64 cpu, u64 shown, u64 hidden)
{
	if ((value ^ cpu) & shown)
		guest_fail(100 + number, value & shown, cpu & shown);
	if (value & hidden)
		guest_fail(200 + number, value & hidden, 0);
}

static void guest_id_registers(unsigned long arg)
{
#define CHECK(crm, op2, shown, hidden)						\
	check_id(10 * (crm) + (op2), read_sysreg(S3_0_C0_C##crm##_##op2),	\
		 cpu_id[crm][op2], shown, hidden);
	ID_REGISTERS(CHECK)
#undef CHECK
}

static void test_id_registers(void)
{
	read_cpu_id();
	boot(&realm, guest_id_registers);
	finish(&realm);
}

static u64 field(u64 reg, unsigned int shift)
{
	return reg >> shift & 0xf;
}

/* Fields of which a realm sees no more than so much */
static void guest_limits(unsigned long arg)
{
	u64 pfr0 = read_sysreg(id_aa64pfr0_el1), dfr0 = read_sysreg(id_aa64dfr0_el1);

	guest_check_eq(field(pfr0, 0), field(cpu_id[4][0], 0));			/* EL0 */
	guest_check_eq(pfr0 & GENMASK_ULL(15, 4), 0x1110);			/* EL1 to EL3 */
	guest_check_eq(field(read_sysreg(id_aa64pfr1_el1), 8), min(field(cpu_id[4][1], 8), 1ULL));
	guest_check_eq(field(dfr0, 0), min(field(cpu_id[5][0], 0), 10ULL));	/* DebugVer */
	guest_check_eq(field(dfr0, 12), 1);					/* BRPs */
	guest_check_eq(field(dfr0, 20), 1);					/* WRPs */
	guest_check_eq(field(dfr0, 28), min(field(cpu_id[5][0], 28), 1ULL));	/* CTX_CMPs */
	guest_check_eq(field(dfr0, 36), 0xf);					/* DoubleLock */
	guest_check_eq(field(read_sysreg(id_aa64mmfr0_el1), 60),
		       min(field(cpu_id[7][0], 60), 1ULL));			/* ECV */
	guest_check_eq(field(read_sysreg(id_aa64mmfr1_el1), 0),
		       min(field(cpu_id[7][1], 0), 2ULL));			/* HAFDBS */
	guest_check_eq(read_sysreg(ID_AA64MMFR2_EL1) >> 36 & 1, cpu_id[7][2] >> 36 & 1);
	/* Not hidden at all */
	guest_check_eq(read_sysreg(revidr_el1), arg);
	guest_check_eq(read_sysreg(aidr_el1), 0);
}

static void test_limits(void)
{
	read_cpu_id();
	realm_init(&realm);
	require_status(realm_start(&realm, guest_limits, read_sysreg(revidr_el1)), RMI_SUCCESS);
	finish(&realm);
}

/* Those that depend on the realm */
static void guest_sve_id(unsigned long arg)
{
	guest_check_eq(field(read_sysreg(id_aa64pfr0_el1), 32), field(cpu_id[4][0], 32));
	guest_check_eq(read_sysreg(ID_AA64ZFR0_EL1), cpu_id[4][4]);
}

static void test_sve_id(void)
{
	struct rmi_features_out out;

	require_status(rmi_features(0, &out), RMI_SUCCESS);
	if (!(out.value & RMI_FEATURE_REGISTER0_SVE))
		skip_test("no SVE");

	read_cpu_id();
	realm_init(&realm);
	realm.params->flags0 |= RMI_REALM_FLAGS0_SVE;
	require_status(realm_start(&realm, guest_sve_id, 0), RMI_SUCCESS);
	finish(&realm);
}

const struct test realm_hidden_tests[] = {
	{ "registers of hidden features are undefined", test_undefined },
	{ "ID registers of hidden features are undefined", test_undefined_id },
	{ "debug communication and other registers read as zero", test_raz_wi },
	{ "ID registers show the CPU's fields or zero", test_id_registers },
	{ "fields of ID registers are limited", test_limits },
	{ "ID registers of a realm with SVE", test_sve_id },
	{ }
};
