// SPDX-License-Identifier: GPL-2.0-only
/* AArch32 at EL0 of a realm: instructions that trap to the RMM and are stepped over. */
#include <string.h>
#include <sysreg.h>
#include "realm_run.h"

#define READY			1

#define SPSR_T			BIT_ULL(5)
#define SPSR_T32_USER		(SPSR_NRW | SPSR_T | SPSR_A | SPSR_I | SPSR_F)
#define SPSR_A32_USER		(SPSR_NRW | SPSR_A | SPSR_I | SPSR_F)
/* ITSTATE[1:0] and [7:2] */
#define IT_1_0			GENMASK_ULL(26, 25)
#define IT_7_2			GENMASK_ULL(15, 10)

#define SCTLR_NTWI		BIT_ULL(16)
#define WFX_WFE			BIT_ULL(0)	/* ISS.TI */

/* T32. What is executed adds bits to R0: one too few and one too many are seen. */
#define T32_WFE			0xbf20
#define T32_WFI			0xbf30
#define T32_SEVL		0xbf50
#define T32_WFI_W		0xf3af, 0x8003
#define T32_ADD(n)		(0x3000 | (n))	/* adds r0, #n; in an IT block add<c> r0, #n */
#define T32_CMP_EQ		0x4280		/* cmp r0, r0 */
#define T32_IT_EQ		0xbf08
#define T32_ITTET_EQ		0xbf05
#define IT_TTET_EQ		0x05		/* ITSTATE behind it */
#define T32_MOVS_R2		0x2201		/* movs r2, #1; mov<c> in an IT block */
#define T32_BEQ_NEXT		0xd000		/* over one instruction */
#define T32_NOP			0xbf00
#define T32_SVC			0xdf00
#define T32_END			0x6008, T32_SVC	/* str r0, [r1] */

static struct realm realm;

struct program {
	unsigned int wfis;	/* that are executed */
	u32 r0;			/* in the end */
	u16 code[10];
};

static const struct program programs[] = {
	{ 1, 3, { T32_WFI, T32_ADD(1), T32_ADD(2), T32_END } },
	{ 1, 3, { T32_WFI_W, T32_ADD(1), T32_ADD(2), T32_END } },
	{ 0, 3, { T32_SEVL, T32_WFE, T32_WFE, T32_ADD(1), T32_ADD(2), T32_END } },
	{ 3, 7, { T32_WFI, T32_WFI, T32_ADD(1), T32_ADD(2), T32_WFI, T32_ADD(4), T32_END } },
};

/* The second has a conditional move, or one that clears Z and is not branched over. */
static const struct program it_programs[] = {
	{ 1, 1 + 4 + 8, { T32_CMP_EQ, T32_ITTET_EQ, T32_WFI, T32_ADD(1), T32_ADD(2), T32_ADD(4),
			  T32_ADD(8), T32_END } },
	{ 1, 3, { T32_CMP_EQ, T32_IT_EQ, T32_WFI, T32_MOVS_R2, T32_BEQ_NEXT, T32_ADD(1),
		  T32_ADD(2), T32_END } },
};

/* wfi; add r0, r0, #1; add r0, r0, #2; str r0, [r1]; svc 0 */
static const u32 a32_wfi[] = { 0xe320f003, 0xe2800001, 0xe2800002, 0xe5810000, 0xef000000 };

static u32 run(const void *code, u64 pstate)
{
	u32 r0 = 0;

	guest_run_el0(code, pstate, 0, (u64)&r0);
	return READ_ONCE(r0);
}

static void guest_programs(const struct program *p, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		guest_check_eq(run(p[i].code, SPSR_T32_USER), p[i].r0);
		guest_sync(READY);
	}
}

static void guest_wfx(unsigned long arg)
{
	guest_programs(programs, ARRAY_SIZE(programs));
	guest_check_eq(run(a32_wfi, SPSR_A32_USER), 3);
}

/* Every WFI exits, and WFE if the CPU traps it; then the program goes on behind it. */
static void enter_wfx(unsigned int wfis)
{
	const unsigned long flags = RMI_REC_ENTER_FLAGS_TRAP_WFI | RMI_REC_ENTER_FLAGS_TRAP_WFE;
	const struct rmi_rec_exit *exit = enter(&realm, 0, flags);
	unsigned int n = 0;

	while (exit_class(exit) == ESR_EC_WFX) {
		if (!(exit->esr & WFX_WFE))
			n++;
		exit = enter(&realm, 0, flags);
	}
	check_eq(n, wfis);
	require_eq(exit->exit_reason, RMI_EXIT_HOST_CALL);
}

static void enter_programs(const struct program *p, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		enter_wfx(p[i].wfis);
}

static void need_a32(void)
{
	if (FIELD_GET(GENMASK_ULL(3, 0), read_sysreg(id_aa64pfr0_el1)) != 2)
		skip_test("no AArch32");
}

static void test_wfx(void)
{
	need_a32();
	boot(&realm, guest_wfx);
	enter_programs(programs, ARRAY_SIZE(programs));
	enter_wfx(1);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/*
 * The ITSTATE with which the CPU takes a trapped WFI to EL1. The handler steps over four
 * bytes and leaves ITSTATE alone.
 */
static u64 trapped_itstate(void)
{
	static const u16 code[] = {
		T32_CMP_EQ, T32_ITTET_EQ, T32_WFI, T32_NOP, T32_NOP, T32_NOP, T32_SVC, T32_SVC,
	};
	u64 sctlr = read_sysreg(sctlr_el1);

	write_sysreg(sctlr & ~SCTLR_NTWI, sctlr_el1);
	isb();
	guest_expect();
	guest_run_el0(code, SPSR_T32_USER, 0, 0);
	guest_check_eq(guest_expected(), 1);
	write_sysreg(sctlr, sctlr_el1);
	isb();
	return FIELD_GET(IT_7_2, guest_trap()->spsr) << 2 | FIELD_GET(IT_1_0, guest_trap()->spsr);
}

static void guest_it(unsigned long arg)
{
	guest_report(READY, trapped_itstate());
	guest_programs(it_programs, ARRAY_SIZE(it_programs));
}

/* QEMU 10.0 takes the exception with the ITSTATE of the instruction behind WFI. */
static void test_it(void)
{
	u64 itstate;

	need_a32();
	boot(&realm, guest_it);
	itstate = enter_host_call(&realm, 0, READY)->gprs[0];
	if (itstate == IT_TTET_EQ) {
		enter_programs(it_programs, ARRAY_SIZE(it_programs));
		enter_host_call(&realm, 0, GUEST_DONE);
	}
	check_status(realm_destroy(&realm), RMI_SUCCESS);
	if (itstate != IT_TTET_EQ)
		skip_test("the CPU has ITSTATE 0x%llx for a trapped WFI, not 0x%x", itstate,
			  IT_TTET_EQ);
}

const struct test realm_a32_tests[] = {
	{ "AArch32 at EL0 goes on behind a WFI or WFE that trapped", test_wfx },
	{ "a WFI in an IT block", test_it },
	{ }
};
