// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLB invalidation: the host changes stage 2 while a REC runs on another CPU. That REC runs with
 * stage 1 on, and its stage 1 table lies in the memory that is taken away: neither translations
 * of its accesses nor those of its table walks may stay in a TLB.
 */
#include <sysreg.h>
#include "harness.h"
#include "realm_run.h"

#define READY			1

/* Level 2 blocks of the protected half: one without memory, and the next with it */
#define EMPTY_IPA		REALM_RAM_IPA
#define RAM_IPA			REALM_TEST_IPA
#define BLOCK_PAGES		(SZ_2M / SZ_4K)

/* What is counted, in the unprotected half, and where the fourth GB of VA begins */
#define COUNT_OFFSET		UL(0x10000000)
#define SHARED_VA		(3 * SZ_1G)

/* A page of the block that is not its first: an address of its own to invalidate */
#define TABLE_PAGE		5

/* Stage 1 descriptors */
#define S1_BLOCK		BIT_ULL(0)
#define S1_SH_INNER		(ULL(3) << 8)
#define S1_AF			BIT_ULL(10)

/* 39 bits, 4 KB granule, write-back inner-shareable walks, 40-bit output, no TTBR1_EL1 */
#define TCR_EL1_VALUE		((ULL(2) << 32) | BIT_ULL(23) | (ULL(3) << 12) | (ULL(1) << 10) | \
				 (ULL(1) << 8) | 25)
#define SCTLR_M_C_I		(BIT_ULL(12) | BIT_ULL(2) | BIT_ULL(0))

static struct realm realm;

/* What CPU 1 is to run, and when to end */
static struct {
	unsigned int rec;
	bool stop;
	bool ended;
	rmi_status_t status;
} runner;

static void stage1_on(u64 *table, u64 shared)
{
	const u64 attr = S1_BLOCK | S1_SH_INNER | S1_AF;

	/* Code and data where they are, and a window to the shared half */
	table[0] = 0;
	table[1] = SZ_1G | attr;
	table[2] = 2 * SZ_1G | attr;
	table[3] = ALIGN_DOWN(shared, SZ_1G) | attr;

	write_sysreg(0xff, mair_el1);
	write_sysreg(TCR_EL1_VALUE, tcr_el1);
	write_sysreg((u64)table, ttbr0_el1);
	dsb(ish);
	tlbi(vmalle1);
	dsb(ish);
	isb();
	write_sysreg(read_sysreg(sctlr_el1) | SCTLR_M_C_I, sctlr_el1);
	isb();
}

/* Counts for ever, with its stage 1 table where the host says */
static void guest_count(unsigned long arg)
{
	u64 gprs[31] = { };
	u64 *count;

	guest_host_call(READY, gprs);
	stage1_on((u64 *)gprs[0], gprs[1]);
	count = (u64 *)(SHARED_VA + gprs[1] % SZ_1G);
	for (u64 i = 1; ; i++)
		WRITE_ONCE(*count, i);
}

/* Asks for a RIPAS change that begins in the middle of a block that needs none. */
static void guest_empty(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_IPA_STATE_SET, .a1 = arg, .a2 = RAM_IPA + SZ_2M,
		.a3 = RSI_RIPAS_EMPTY,
	};

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(regs.a1, RAM_IPA + SZ_2M);
}

/* On CPU 1. It stays in the realm: QEMU forgets all translations when it leaves. */
static void run_counting(void *arg)
{
	do {
		timer_stop();
		runner.status = realm_enter(&realm, runner.rec, 0);
	} while (!__atomic_load_n(&runner.stop, __ATOMIC_ACQUIRE) && !test_expired() &&
		 rmi_ok(runner.status) &&
		 realm_exit(&realm, runner.rec)->exit_reason == RMI_EXIT_IRQ);
	__atomic_store_n(&runner.ended, true, __ATOMIC_RELEASE);
}

/* @asker: a REC that does not count, or NULL */
static void create(void (*asker)(unsigned long arg), unsigned long arg)
{
	if (nr_cpus < 2)
		skip_test("one CPU");

	realm_init(&realm);
	require_status(realm_create(&realm), RMI_SUCCESS);
	require_status(realm_load_image(&realm), RMI_SUCCESS);
	if (asker)
		require_status(realm_add_rec(&realm, asker, arg), RMI_SUCCESS);
	runner.rec = realm.nr_recs;
	require_status(realm_add_rec(&realm, guest_count, 0), RMI_SUCCESS);
}

/* A table that is no more */
static void forget_table(unsigned long ipa)
{
	unsigned int i = 0;

	while (realm.table[i].ipa != ipa || realm.table[i].level != 3)
		i++;
	for (realm.nr_tables--; i < realm.nr_tables; i++)
		realm.table[i] = realm.table[i + 1];
}

/* [RAM_IPA, 2 MB) as one block, or as pages */
static void map_ram(bool pages)
{
	unsigned long pa = delegated_pages(BLOCK_PAGES);
	struct rmi_rtt_fold_out out;

	require_status(realm_table(&realm, RAM_IPA, 3), RMI_SUCCESS);
	for (unsigned int i = 0; i < BLOCK_PAGES; i++)
		require_status(realm_map_pa(&realm, RAM_IPA + i * SZ_4K, pa + i * SZ_4K),
			       RMI_SUCCESS);
	require_status(realm_init_ripas(&realm, RAM_IPA, RAM_IPA + SZ_2M), RMI_SUCCESS);
	if (!pages) {
		require_status(rmi_rtt_fold(realm.rd, RAM_IPA, 3, &out), RMI_SUCCESS);
		forget_table(RAM_IPA);
	}
}

/* Unmap it, whatever it consists of. */
static void unmap_ram(unsigned long base, unsigned long top)
{
	struct rmi_rtt_data_unmap_out out;

	while (base < top) {
		require_status(rmi_rtt_data_unmap(realm.rd, base, top, RMI_ADDR_TYPE_NONE, 0, &out),
			       RMI_SUCCESS);
		require(out.out_top > base && out.out_top <= top);
		base = out.out_top;
	}
}

/* The pages that realm_map_pa() noted are unmapped already. */
static void forget_ram(void)
{
	realm.nr_pages -= BLOCK_PAGES;
}

static unsigned long count_ipa(void)
{
	return realm_shared(&realm, 2 * SZ_1G + COUNT_OFFSET);
}

/* Let the REC count on CPU 1, with its stage 1 table at @table. */
static u64 *start_counting(unsigned long table)
{
	u64 *page = ns_page();
	struct rmi_rec_run *run = realm.rec[runner.rec].run;

	require_status(realm_activate(&realm), RMI_SUCCESS);
	require_status(realm_map_shared(&realm, count_ipa(), (unsigned long)page, 3), RMI_SUCCESS);
	enter_host_call(&realm, runner.rec, READY);
	run->enter.gprs[0] = table;
	run->enter.gprs[1] = count_ipa();

	runner.stop = false;
	runner.ended = false;
	smp_run(1, run_counting, NULL);
	return page;
}

static bool has_ended(void)
{
	return __atomic_load_n(&runner.ended, __ATOMIC_ACQUIRE);
}

static void wait_for_count(u64 *page)
{
	u64 seen = READ_ONCE(*page);

	wait_for(READ_ONCE(*page) != seen);
}

/*
 * Nothing is stored after the change: the REC leaves the realm at once, or takes one abort after
 * the other in it, of which nothing can be seen.
 */
static void stop_counting(u64 *page)
{
	u64 end = read_sysreg(cntpct_el0) + read_sysreg(cntfrq_el0) / 5;
	u64 seen = READ_ONCE(*page);

	wait_for(has_ended() || READ_ONCE(*page) != seen || read_sysreg(cntpct_el0) > end);
	check_eq(READ_ONCE(*page), seen);
	__atomic_store_n(&runner.stop, true, __ATOMIC_RELEASE);
	cpu_recall(1);
	smp_wait(1);
	check_eq(READ_ONCE(*page), seen);
	require_status(runner.status, RMI_SUCCESS);
}

/* ---- RTT_SET_RIPAS */

/* EMPTY for a range from @base to the end of the RAM, in one call */
static void set_empty(unsigned long base)
{
	const unsigned long top = RAM_IPA + SZ_2M;
	struct rmi_rtt_set_ripas_out out;

	require_eq(enter(&realm, 0, 0)->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	require_eq(realm_exit(&realm, 0)->ripas_base, base);
	require_status(rmi_rtt_set_ripas(realm.rd, realm.rec[0].pa, base, top, &out), RMI_SUCCESS);
	require_eq(out.out_top, top);
}

static void run_set_ripas(unsigned long base, unsigned int page, bool pages)
{
	u64 *count;

	create(guest_empty, base);
	map_ram(pages);
	count = start_counting(RAM_IPA + page * SZ_4K);
	wait_for_count(count);
	set_empty(base);
	stop_counting(count);

	unmap_ram(RAM_IPA, RAM_IPA + SZ_2M);
	forget_ram();
	finish(&realm);
}

/* The base lies in an entry that has the RIPAS already: the entries behind it change. */
static void test_ripas_from_within(void)
{
	run_set_ripas(EMPTY_IPA + SZ_1M, TABLE_PAGE, false);
	run_set_ripas(EMPTY_IPA + SZ_2M - SZ_4K, TABLE_PAGE, false);
}

static void test_ripas_block(void)
{
	run_set_ripas(RAM_IPA, TABLE_PAGE, false);
}

/* Few entries, each invalidated by its address; the table is in the last of them. */
static void test_ripas_pages(void)
{
	run_set_ripas(RAM_IPA + SZ_2M - 8 * SZ_4K, BLOCK_PAGES - 1, true);
}

/* ---- RTT_DATA_UNMAP, RTT_FOLD */

static void run_unmap(unsigned int first, unsigned int nr, unsigned int page)
{
	const unsigned long base = RAM_IPA + first * SZ_4K;
	u64 *count;

	create(NULL, 0);
	map_ram(true);
	count = start_counting(RAM_IPA + page * SZ_4K);
	wait_for_count(count);
	unmap_ram(base, base + nr * SZ_4K);
	stop_counting(count);

	unmap_ram(RAM_IPA, RAM_IPA + SZ_2M);
	forget_ram();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_unmap(void)
{
	run_unmap(2, 8, 2);
	run_unmap(2, 8, 9);
	run_unmap(0, BLOCK_PAGES, BLOCK_PAGES - 1);
}

/* Translations of the pages have to be gone when a block takes their place. */
static void test_fold(void)
{
	struct rmi_rtt_fold_out out;
	u64 *count;

	create(NULL, 0);
	map_ram(true);
	count = start_counting(RAM_IPA + TABLE_PAGE * SZ_4K);
	wait_for_count(count);
	require_status(rmi_rtt_fold(realm.rd, RAM_IPA, 3, &out), RMI_SUCCESS);
	forget_table(RAM_IPA);
	wait_for_count(count);
	unmap_ram(RAM_IPA, RAM_IPA + SZ_2M);
	stop_counting(count);

	forget_ram();
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- RTT_DESTROY of a table that maps the host's memory, RTT_UNPROT_UNMAP */

/* The table of pages that maps the stage 1 table, which is in the host's memory as well */
static unsigned long table_base(void)
{
	return ALIGN_DOWN(count_ipa(), SZ_2M) + SZ_2M;
}

static u64 *start_unprotected(void)
{
	unsigned long table;

	create(NULL, 0);
	table = table_base() + TABLE_PAGE * SZ_4K;
	require_status(realm_map_shared(&realm, table, (unsigned long)ns_page(), 3), RMI_SUCCESS);
	return start_counting(table);
}

static void test_destroy_table(void)
{
	u64 *count = start_unprotected();
	struct rmi_rtt_destroy_out out;

	wait_for_count(count);
	require_status(rmi_rtt_destroy(realm.rd, table_base(), 3, &out), RMI_SUCCESS);
	forget_table(table_base());
	stop_counting(count);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

static void test_unprot_unmap(void)
{
	u64 *count = start_unprotected();

	wait_for_count(count);
	require_status(realm_unmap_shared(&realm, table_base() + TABLE_PAGE * SZ_4K), RMI_SUCCESS);
	stop_counting(count);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

const struct test realm_tlb_tests[] = {
	{ "RTT_SET_RIPAS from within an entry", test_ripas_from_within },
	{ "RTT_SET_RIPAS of a block", test_ripas_block },
	{ "RTT_SET_RIPAS of pages", test_ripas_pages },
	{ "RTT_DATA_UNMAP of pages", test_unmap },
	{ "RTT_FOLD of pages that are then unmapped", test_fold },
	{ "RTT_DESTROY of a table that maps the host's memory", test_destroy_table },
	{ "RTT_UNPROT_UNMAP", test_unprot_unmap },
	{ }
};
