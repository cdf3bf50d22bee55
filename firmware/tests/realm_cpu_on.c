// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a REC starts, and PSCI CPU_ON: which REC it turns on, and what happens when that is not
 * yet off, or asked for twice (DEN0137 B4.5.38, B4.5.49, B6.3.3).
 */
#include <string.h>
#include <sysreg.h>
#include "guest_smc.h"
#include "realm_run.h"
#include "refuse.h"

#define READY			1
#define SECOND			2

#define FN_CPU_OFF		0x84000002
#define FN_CPU_ON		0xc4000003

#define SCTLR_M			BIT_ULL(0)
#define SCTLR_C			BIT_ULL(2)
#define SCTLR_EE		BIT_ULL(25)
#define OSLSR_OSLK		BIT_ULL(1)

/* At the entry point: EL1h, all interrupts masked */
#define PSTATE_START		(ULL(1) << 2 | 1 | SPSR_DAIF)

static struct realm realm;

static void boot_recs(unsigned int on, unsigned int off, void (*fn)(unsigned long arg))
{
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	for (unsigned int i = 0; i < on; i++)
		require_status(realm_add_rec(&realm, fn, i), RMI_SUCCESS);
	for (unsigned int i = 0; i < off; i++)
		require_status(realm_add_rec(&realm, NULL, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
}

static void require_psci(unsigned int rec, u64 fid, u64 mpidr)
{
	const struct rmi_rec_exit *exit = enter(&realm, rec, 0);

	require_eq(exit->exit_reason, RMI_EXIT_PSCI);
	require_eq(exit->gprs[0], fid);
	require_eq(exit->gprs[1], mpidr);
}

static rmi_status_t turn_on(unsigned int caller, unsigned int target)
{
	return rmi_psci_complete(realm.rec[caller].pa, realm.rec[target].pa, PSCI_SUCCESS);
}

static struct arm_smccc_1_2_regs cpu_on(u64 mpidr, struct guest_life *life)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = FN_CPU_ON,
		.a1 = mpidr,
		.a2 = (u64)guest_life_entry,
		.a3 = (u64)life,
		.a4 = 4, .a5 = 5, .a6 = 6, .a7 = 7, .a8 = 8, .a17 = 17,
	};

	return regs;
}

/* ---- how the target starts */

static struct guest_life life;
static bool dirty_be;

static void guest_die(unsigned long arg)
{
	guest_sync(SECOND);
	guest_psci_dirty(FN_CPU_OFF, dirty_be);
}

static void guest_check_start(bool be)
{
	guest_check_eq(life.x[0], (u64)&life);
	for (unsigned int i = 1; i < ARRAY_SIZE(life.x); i++)
		guest_check_eq(life.x[i], 0);
	guest_check_eq(life.sctlr & (SCTLR_M | SCTLR_C), 0);
	guest_check_eq(!!(life.sctlr & SCTLR_EE), be);
	guest_check_eq(life.stored, be ? ULL(1) << 56 : 1);
	guest_check_eq(life.pstate, PSTATE_START);
}

/* The other REC has ended its last life with ones in all registers. */
static void guest_turn_on(bool be)
{
	struct arm_smccc_1_2_regs regs = cpu_on(1, &life);

	memset(&life, 0xa5, sizeof(life));
	life.start = (struct guest_start){ guest_die, 0, guest_stack(1), 1 };
	if (be)
		guest_smc_be(&regs);
	else
		guest_smc(&regs);
	guest_check_eq(regs.a0, PSCI_SUCCESS);
	guest_check_eq(regs.a1, 0);
	guest_check_eq(regs.a2, 0);
	guest_check_eq(regs.a3, 0);
	guest_check_eq(regs.a7, 7);
	guest_check_eq(regs.a8, 8);
	guest_check_eq(regs.a17, 17);
	guest_sync(READY);
	guest_check_start(be);
}

/* Endianness of the caller, and of the target when it turns itself off */
static const struct {
	bool caller;
	bool target;
} lives[] = {
	{ false, false }, { false, true }, { false, true }, { true, true },
	{ true, false }, { true, false }, { false, false },
};

static void guest_lives(unsigned long arg)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(lives); i++) {
		dirty_be = lives[i].target;
		guest_turn_on(lives[i].caller);
	}
}

static void test_lives(void)
{
	boot_recs(1, 1, guest_lives);
	for (unsigned int i = 0; i < ARRAY_SIZE(lives); i++) {
		require_psci(0, FN_CPU_ON, 1);
		require_status(turn_on(0, 1), RMI_SUCCESS);
		enter_host_call(&realm, 0, READY);
		enter_host_call(&realm, 1, SECOND);
		require_psci(1, FN_CPU_OFF, 0);
	}
	finish(&realm);
}

/* ---- how a new REC starts */

static u64 first_value(unsigned int n)
{
	return 0x1122334455667788ULL * n;
}

/* arg: MIDR_EL1 of the host */
static void guest_first(unsigned long arg)
{
	guest_check(read_sysreg(oslsr_el1) & OSLSR_OSLK);
	for (unsigned int i = 1; i < 8; i++)
		guest_check_eq(life.x[i], first_value(i));
	memset(&life.x[1], 0, 7 * sizeof(life.x[0]));
	guest_check_start(false);
	guest_check_eq(read_sysreg(mpidr_el1) & ~BIT_ULL(30), BIT_ULL(31));
	guest_check_eq(read_sysreg(midr_el1), arg);
}

/* B4.5.49: PC and X0 to X7 are what the host says, all else is as after a reset. */
static void test_first(void)
{
	struct rmi_rec_params *params = ns_page();

	life.start = (struct guest_start){
		.fn = guest_first,
		.arg = read_sysreg(midr_el1),
		.stack = guest_stack(0),
	};
	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);

	params->flags = RMI_REC_CREATE_FLAGS_RUNNABLE;
	params->pc = (u64)guest_life_entry;
	params->gprs[0] = (u64)&life;
	for (unsigned int i = 1; i < ARRAY_SIZE(params->gprs); i++)
		params->gprs[i] = first_value(i);
	require_status(realm_create_rec(&realm, params), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
	finish(&realm);
}

/* ---- which REC it is */

#define NR_RECS			17
#define LAST_MPIDR		0x100

static void guest_last(unsigned long arg)
{
	guest_check_eq(read_sysreg(mpidr_el1) & ~BIT_ULL(30), BIT_ULL(31) | LAST_MPIDR);
	guest_sync(SECOND);
}

static void guest_find_last(unsigned long arg)
{
	static const u64 none[] = {
		0x10, 0x80, LAST_MPIDR | 1, 0x200, 0x10000, 0x1000000, 0x80000000, 0x100000000,
		0x10000000000, BIT_ULL(63),
	};
	struct arm_smccc_1_2_regs regs;

	life.start = (struct guest_start){ guest_last, 0, guest_stack(1), 1 };
	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++) {
		regs = cpu_on(none[i], &life);
		guest_smc(&regs);
		guest_check_eq(regs.a0, PSCI_INVALID_PARAMETERS);
	}
	regs = cpu_on(LAST_MPIDR, &life);
	guest_smc(&regs);
	guest_check_eq(regs.a0, PSCI_SUCCESS);
	guest_sync(READY);
}

/* RECs that are off, as many as have not got one yet */
static void add_recs(phys_addr_t *recs)
{
	struct rmi_rec_params *params = ns_page();

	for (unsigned int i = 1; i < NR_RECS; i++) {
		struct call call;

		recs[i] = delegated_page();
		params->mpidr = FIELD_PREP(RMI_REC_MPIDR_AFF0, i % 16) |
				FIELD_PREP(RMI_REC_MPIDR_AFF1, i / 16);
		call = CALL(REC_CREATE, realm.rd, recs[i], (u64)params);
		require_status(make_call(&call, NULL), RMI_SUCCESS);
	}
}

static void destroy_recs(const phys_addr_t *recs)
{
	for (unsigned int i = 1; i < NR_RECS; i++) {
		struct call call = CALL(REC_DESTROY, recs[i]);

		check_status(make_call(&call, NULL), RMI_SUCCESS);
	}
}

/* Aff0 has four bits: REC 16 has Aff1 1. */
static void test_affinity(void)
{
	struct rmi_rec_run *run = ns_page();
	phys_addr_t recs[NR_RECS];

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_find_last, 0), RMI_SUCCESS);
	add_recs(recs);
	require_status(realm_activate(&realm), RMI_SUCCESS);

	require_psci(0, FN_CPU_ON, LAST_MPIDR);
	check_status(rmi_psci_complete(realm.rec[0].pa, recs[1], PSCI_SUCCESS), RMI_ERROR_INPUT);
	require_status(rmi_psci_complete(realm.rec[0].pa, recs[NR_RECS - 1], PSCI_SUCCESS),
		       RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	require_status(rmi_rec_enter(recs[NR_RECS - 1], (unsigned long)run), RMI_SUCCESS);
	check(is_host_call(&run->exit, SECOND));

	require_status(realm_terminate(&realm), RMI_SUCCESS);
	destroy_recs(recs);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void guest_turn_on_once(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = cpu_on(1, &life);

	guest_smc(&regs);
	guest_check_eq(regs.a0, PSCI_SUCCESS);
}

/* A REC of another realm that has the same MPIDR is not it. */
static void test_other_realm(void)
{
	static struct realm other;

	boot_recs(1, 1, guest_turn_on_once);
	other = realm;
	boot_recs(1, 1, guest_turn_on_once);

	require_psci(0, FN_CPU_ON, 1);
	check_status(rmi_psci_complete(realm.rec[0].pa, other.rec[1].pa, PSCI_SUCCESS),
		     RMI_ERROR_INPUT);
	require_status(turn_on(0, 1), RMI_SUCCESS);
	check_status(realm_enter(&other, 1, 0), RMI_ERROR_REC);
	finish(&realm);
	check_status(realm_destroy(&other), RMI_SUCCESS);
}

/* ---- two callers, one target */

static struct guest_life two_lives[2];

static void guest_survivor(unsigned long arg)
{
	guest_report(SECOND, arg);
}

static void guest_compete(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = cpu_on(2, &two_lives[arg]);

	two_lives[arg].start = (struct guest_start){ guest_survivor, arg, guest_stack(2), 2 };
	guest_smc(&regs);
	guest_report(READY, regs.a0);
}

/* The first whose call is completed decides; the target starts once. */
static void test_two_callers(void)
{
	boot_recs(2, 1, guest_compete);
	require_psci(0, FN_CPU_ON, 2);
	require_psci(1, FN_CPU_ON, 2);
	require_status(turn_on(1, 2), RMI_SUCCESS);
	require_status(turn_on(0, 2), RMI_SUCCESS);

	check_eq(enter_host_call(&realm, 0, READY)->gprs[0], PSCI_ALREADY_ON);
	check_eq(enter_host_call(&realm, 1, READY)->gprs[0], PSCI_SUCCESS);
	check_eq(enter_host_call(&realm, 2, SECOND)->gprs[0], 1);
	finish(&realm);
}

/* ---- a target that is turning itself off */

#define RACES			200
#define SLICE_US		20000

static u64 nr_lives;

/* Ends as a big-endian REC with ones in its registers, so that one sees what is left of it. */
static void guest_short_life(unsigned long arg)
{
	WRITE_ONCE(nr_lives, arg);
	guest_psci_dirty(FN_CPU_OFF, true);
}

static void guest_race(unsigned long arg)
{
	for (u64 i = 1; i <= RACES; i++) {
		struct arm_smccc_1_2_regs regs;

		memset(&life, 0xa5, sizeof(life));
		life.start = (struct guest_start){ guest_short_life, i, guest_stack(1), 1 };
		do {
			regs = cpu_on(1, &life);
			guest_smc(&regs);
		} while (regs.a0 == (unsigned long)PSCI_ALREADY_ON);
		guest_check_eq(regs.a0, PSCI_SUCCESS);
		while (READ_ONCE(nr_lives) != i)
			;
		guest_check_start(false);
	}
}

struct race {
	bool over;
	rmi_status_t status;
};

/* The second REC, on another CPU: it is off more often than not. */
static void run_target(void *arg)
{
	const struct rmi_rec_exit *exit = realm_exit(&realm, 1);
	struct race *race = arg;

	while (!__atomic_load_n(&race->over, __ATOMIC_ACQUIRE) && !test_expired()) {
		timer_start(SLICE_US);
		race->status = realm_enter(&realm, 1, 0);
		timer_stop();
		if (rmi_code(race->status) == RMI_ERROR_REC)
			continue;
		if (!rmi_ok(race->status) ||
		    (exit->exit_reason != RMI_EXIT_PSCI && exit->exit_reason != RMI_EXIT_IRQ))
			break;
	}
	__atomic_store_n(&race->over, true, __ATOMIC_RELEASE);
}

/* True when the first REC has come to its end. Nothing here ends the test: a CPU works for it. */
static bool run_caller(struct race *race)
{
	const struct rmi_rec_exit *exit = realm_exit(&realm, 0);
	rmi_status_t status;

	while (!__atomic_load_n(&race->over, __ATOMIC_ACQUIRE) && !test_expired()) {
		timer_start(SLICE_US);
		status = realm_enter(&realm, 0, 0);
		timer_stop();
		if (rmi_ok(status) && exit->exit_reason == RMI_EXIT_PSCI)
			status = turn_on(0, 1);
		else if (exit->exit_reason != RMI_EXIT_IRQ)
			return is_host_call(exit, GUEST_DONE);
		if (!check_status(status, RMI_SUCCESS))
			return false;
	}
	return false;
}

/* It is on until it has left the CPU on which it turned itself off. */
static void test_race(void)
{
	static struct race race;
	bool done;

	if (nr_cpus < 2)
		skip_test("one CPU");

	boot_recs(1, 1, guest_race);
	race.over = false;
	smp_run(1, run_target, &race);
	done = run_caller(&race);
	__atomic_store_n(&race.over, true, __ATOMIC_RELEASE);
	smp_wait(1);

	check(done);
	check(rmi_ok(race.status) || rmi_code(race.status) == RMI_ERROR_REC);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_cpu_on_tests[] = {
	{ "a REC starts with what REC_CREATE was told", test_first },
	{ "the target starts clean, with the endianness of its caller", test_lives },
	{ "the target is the one with that affinity", test_affinity },
	{ "the target is of the same realm", test_other_realm },
	{ "of two calls for one target the second finds it on", test_two_callers },
	{ "a target that turns itself off is on until it has left", test_race },
	{ }
};
