// SPDX-License-Identifier: GPL-2.0-only
/* RECs that run at the same time on two CPUs. */
#include <sysreg.h>
#include "harness.h"
#include "realm_run.h"

#define READY			1
#define DEVICE_IPA		0x90000000UL
#define TURNS			50
#define ROUNDS			1000

static struct realm realm;

/* ---- two RECs of one realm */

/* Word 0 and 1 of a page that both share */
static volatile u64 turns[2];

/* Each waits for the other: neither comes to its end unless both run. */
static void guest_ping_pong(unsigned long arg)
{
	for (u64 i = 1; i <= TURNS; i++) {
		turns[arg] = i;
		while (turns[!arg] < i)
			;
	}
	guest_report(READY, turns[arg]);
}

struct runner {
	unsigned int rec;
	rmi_status_t status;
};

/* Enter until there is something else than an interrupt, or the test is over; for any CPU. */
static void run_rec(void *arg)
{
	struct runner *r = arg;

	do {
		timer_start(20000);
		r->status = realm_enter(&realm, r->rec, 0);
		timer_stop();
	} while (rmi_ok(r->status) && !test_expired() &&
		 realm_exit(&realm, r->rec)->exit_reason == RMI_EXIT_IRQ);
}

/* The same without a timer of its own: once it is in the realm it stays there. */
static void run_rec_only(void *arg)
{
	struct runner *r = arg;

	do {
		timer_stop();
		r->status = realm_enter(&realm, r->rec, 0);
	} while (rmi_ok(r->status) && !test_expired() &&
		 realm_exit(&realm, r->rec)->exit_reason == RMI_EXIT_IRQ);
}

static void boot_two(void (*fn)(unsigned long arg))
{
	if (nr_cpus < 2)
		skip_test("one CPU");

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, fn, 0), RMI_SUCCESS);
	require_status(realm_add_rec(&realm, fn, 1), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
}

static void test_two_recs(void)
{
	static struct runner first = { .rec = 0 }, second = { .rec = 1 };

	boot_two(guest_ping_pong);
	smp_run(1, run_rec, &second);
	run_rec(&first);
	smp_wait(1);

	require_status(first.status, RMI_SUCCESS);
	require_status(second.status, RMI_SUCCESS);
	for (unsigned int i = 0; i < 2; i++) {
		require_eq(is_host_call(realm_exit(&realm, i), READY), true);
		check_eq(realm_exit(&realm, i)->gprs[0], TURNS);
	}
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- a REC that runs elsewhere */

static void guest_wait(unsigned long arg)
{
	u64 *shared = (u64 *)guest_report(READY, 0);

	WRITE_ONCE(shared[0], 1);
	while (!READ_ONCE(shared[1]))
		;
}

static void test_running(void)
{
	static struct runner first = { .rec = 0 };
	unsigned long shared;
	volatile u64 *page;

	if (nr_cpus < 2)
		skip_test("one CPU");

	boot(&realm, guest_wait);
	page = ns_page();
	shared = realm_shared(&realm, DEVICE_IPA);
	require_status(realm_map_shared(&realm, shared, (unsigned long)page, 3), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = shared;

	smp_run(1, run_rec_only, &first);
	wait_for(page[0]);
	check_status(rmi_rec_enter(realm.rec[0].pa, (unsigned long)ns_page()), RMI_ERROR_REC);
	check_status(realm_destroy_rec(&realm, 0), RMI_ERROR_REC);
	check_status(realm_terminate(&realm), RMI_ERROR_REALM);
	page[1] = 1;
	smp_wait(1);

	require_status(first.status, RMI_SUCCESS);
	require_eq(is_host_call(realm_exit(&realm, 0), GUEST_DONE), true);
	require_status(realm_unmap_shared(&realm, shared), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- unmapping under a REC that runs */

static void guest_writer(unsigned long arg)
{
	u64 *shared = (u64 *)guest_report(READY, 0);

	for (u64 i = 1; ; i++)
		WRITE_ONCE(shared[0], i);
}

/* Stage 2 TLB maintenance reaches the CPU on which the realm runs. */
static void test_unmap(void)
{
	static struct runner first = { .rec = 0 };
	unsigned long shared;
	volatile u64 *page;
	u64 seen;

	if (nr_cpus < 2)
		skip_test("one CPU");

	boot(&realm, guest_writer);
	page = ns_page();
	shared = realm_shared(&realm, DEVICE_IPA);
	require_status(realm_map_shared(&realm, shared, (unsigned long)page, 3), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = shared;

	smp_run(1, run_rec, &first);
	wait_for(page[0]);
	require_status(realm_unmap_shared(&realm, shared), RMI_SUCCESS);
	seen = page[0];
	smp_wait(1);
	check_eq(page[0], seen);
	require_status(first.status, RMI_SUCCESS);
	require_data_abort(realm_exit(&realm, 0), shared);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- folding under a REC that runs */

#define BLOCK_PAGES		512
#define BLOCK_SIZE		(BLOCK_PAGES * SZ_4K)
#define FOLDS			200

/* Counts in each page of the block; a page that shows another's count is wrong. */
static void guest_count(unsigned long arg)
{
	u64 *shared = (u64 *)guest_report(READY, 0);
	u64 round = 0;

	while (!READ_ONCE(shared[1])) {
		for (u64 i = 0; i < BLOCK_PAGES; i += 7) {
			u64 *word = (u64 *)(REALM_RAM_IPA + i * SZ_4K + 8 * i);

			guest_check_eq(READ_ONCE(*word), round ? round << 16 | i : 0);
			WRITE_ONCE(*word, (round + 1) << 16 | i);
		}
		WRITE_ONCE(shared[0], ++round);
	}
}

static void boot_with_block(void)
{
	unsigned long pa = delegated_pages(BLOCK_PAGES);

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	require_status(realm_table(&realm, REALM_RAM_IPA, 3), RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, REALM_RAM_IPA, REALM_RAM_IPA + BLOCK_SIZE),
		       RMI_SUCCESS);
	for (unsigned int i = 0; i < BLOCK_PAGES; i++)
		require_status(realm_map_pa(&realm, REALM_RAM_IPA + i * SZ_4K, pa + i * SZ_4K),
			       RMI_SUCCESS);
	require_status(realm_add_rec(&realm, guest_count, 0), RMI_SUCCESS);
	require_status(realm_activate(&realm), RMI_SUCCESS);
}

static void fold_and_unfold(void)
{
	struct rmi_rtt_create_out create;
	struct rmi_rtt_fold_out fold;

	require_status(rmi_rtt_fold(realm.rd, REALM_RAM_IPA, 3, &fold), RMI_SUCCESS);
	require_status(rmi_rtt_create(realm.rd, fold.rtt, REALM_RAM_IPA, 3, &create), RMI_SUCCESS);
}

/* All of the block is there all the time: not one exit is due to an abort (A4.3.4.3). */
static void test_fold(void)
{
	static struct runner first = { .rec = 0 };
	unsigned long shared;
	volatile u64 *page;

	if (nr_cpus < 2)
		skip_test("one CPU");

	boot_with_block();
	page = ns_page();
	shared = realm_shared(&realm, DEVICE_IPA);
	require_status(realm_map_shared(&realm, shared, (unsigned long)page, 3), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = shared;

	smp_run(1, run_rec, &first);
	wait_for(page[0] >= 2);
	for (unsigned int i = 0; i < FOLDS; i++)
		fold_and_unfold();
	page[1] = 1;
	smp_wait(1);
	require_status(first.status, RMI_SUCCESS);
	require_eq(is_host_call(realm_exit(&realm, 0), GUEST_DONE), true);
	require_status(realm_unmap_shared(&realm, shared), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- devices of two RECs at once */

static void guest_device(unsigned long arg)
{
	u64 addr = guest_report(READY, 0) + arg * SZ_4K;

	for (u64 i = 0; i < ROUNDS; i++) {
		u64 value = i << 8 | arg;

		asm volatile("str %1, [%0]" : : "r" (addr), "r" (value) : "memory");
		asm volatile("ldr %0, [%1, #8]" : "=r" (value) : "r" (addr) : "memory");
		guest_check_eq(value, ~(i << 8 | arg));
	}
}

struct device_runner {
	unsigned int rec;
	unsigned int accesses;
	bool wrong;
};

/* A device of which a read gives the complement of what was written last; for any CPU. */
static void run_device(void *arg)
{
	struct rmi_rec_run *run;
	struct device_runner *d = arg;
	unsigned long flags = 0;
	u64 last = 0;

	run = realm.rec[d->rec].run;
	run->enter.gprs[0] = realm_shared(&realm, DEVICE_IPA);
	for (;;) {
		if (!rmi_ok(realm_enter(&realm, d->rec, flags)))
			break;
		flags = 0;
		if (test_expired())
			break;
		if (run->exit.exit_reason == RMI_EXIT_IRQ)
			continue;
		if (exit_class(&run->exit) != ESR_EC_DABT_LOW || !(run->exit.esr & ESR_ISV))
			break;
		if (run->exit.esr & ESR_WNR)
			last = run->exit.gprs[0];
		else
			run->enter.gprs[0] = ~last;
		if (exit_ipa(&run->exit) !=
		    realm_shared(&realm, DEVICE_IPA) + d->rec * SZ_4K)
			d->wrong = true;
		flags = RMI_REC_ENTER_FLAGS_EMUL_MMIO;
		d->accesses++;
	}
}

static void test_two_devices(void)
{
	static struct device_runner first, second;

	first = (struct device_runner){ .rec = 0 };
	second = (struct device_runner){ .rec = 1 };
	boot_two(guest_device);
	enter_host_call(&realm, 0, READY);
	enter_host_call(&realm, 1, READY);
	smp_run(1, run_device, &second);
	run_device(&first);
	smp_wait(1);

	for (unsigned int i = 0; i < 2; i++)
		check(is_host_call(realm_exit(&realm, i), GUEST_DONE));
	check_eq(first.accesses, 2 * ROUNDS);
	check_eq(second.accesses, 2 * ROUNDS);
	check(!first.wrong && !second.wrong);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- what the harness does with a CPU that a failed test leaves in a realm */

static void do_nothing(void *arg)
{
}

static void test_recall(void)
{
	static struct runner first = { .rec = 0 };
	unsigned long shared;
	volatile u64 *page;

	if (nr_cpus < 2)
		skip_test("one CPU");

	boot(&realm, guest_writer);
	page = ns_page();
	shared = realm_shared(&realm, DEVICE_IPA);
	require_status(realm_map_shared(&realm, shared, (unsigned long)page, 3), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = shared;

	smp_run(1, run_rec_only, &first);
	wait_for(page[0]);
	check(smp_recall());

	smp_run(1, do_nothing, NULL);
	smp_wait(1);
	require_status(realm_unmap_shared(&realm, shared), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_smp_tests[] = {
	{ "two RECs of a realm run at once", test_two_recs },
	{ "a REC that runs cannot be entered or destroyed", test_running },
	{ "unmapping reaches a REC that runs", test_unmap },
	{ "tables are folded and unfolded under a REC that runs", test_fold },
	{ "two RECs use devices at once", test_two_devices },
	{ "a CPU can be recalled from a realm", test_recall },
	{ }
};
