// SPDX-License-Identifier: GPL-2.0-only
/* Delegation: granule states, and that the host really loses and regains the memory. */
#include <string.h>
#include <sysreg.h>
#include "harness.h"

/* Beyond all DRAM, below the PCIe windows */
#define NOT_MEMORY		UL(0x1000000000)

static bool is_gpf(u64 esr)
{
	return FIELD_GET(ESR_EC, esr) == ESR_EC_DABT_CUR && FIELD_GET(ESR_FSC, esr) == FSC_GPF;
}

static bool read_is_gpf(phys_addr_t pa)
{
	u64 esr;

	try_read(pa, &esr);
	return is_gpf(esr);
}

static void protects(void)
{
	phys_addr_t page = delegated_page();

	check(read_is_gpf(page));
	check(read_is_gpf(page + GRANULE_SIZE - 8));
	check(is_gpf(try_write(page, 1)));
	check(!read_is_gpf(page - 8));
	check(!read_is_gpf(page + GRANULE_SIZE));

	require_status(undelegate(page, GRANULE_SIZE), RMI_SUCCESS);
	check(!read_is_gpf(page));
	check_eq(try_write(page, 1), 0);
}

static void wipes(void)
{
	u64 *page = ns_page();
	unsigned int left = 0;

	memset(page, 0xa5, GRANULE_SIZE);
	require_status(delegate((phys_addr_t)page, GRANULE_SIZE), RMI_SUCCESS);
	require_status(undelegate((phys_addr_t)page, GRANULE_SIZE), RMI_SUCCESS);

	for (unsigned int i = 0; i < GRANULE_SIZE / sizeof(*page); i++) {
		if (page[i] == 0xa5a5a5a5a5a5a5a5)
			left++;
	}
	check_eq(left, 0);
}

static void ranges(void)
{
	phys_addr_t base = (phys_addr_t)ns_pages(8);

	require_status(delegate(base, 8 * GRANULE_SIZE), RMI_SUCCESS);
	for (unsigned int i = 0; i < 8; i++)
		check(read_is_gpf(base + i * GRANULE_SIZE));

	/* The middle first: granules are independent. */
	require_status(undelegate(base + 2 * GRANULE_SIZE, 3 * GRANULE_SIZE), RMI_SUCCESS);
	for (unsigned int i = 0; i < 8; i++)
		check_eq(read_is_gpf(base + i * GRANULE_SIZE), i < 2 || i >= 5);
}

static void bad_ranges(void)
{
	struct rmi_granule_range_undelegate_out un;
	struct rmi_granule_range_delegate_out de;
	const struct {
		phys_addr_t base, top;
	} cases[] = {
		{ 0x44000008, 0x44002000 },	/* base_align */
		{ 0x44000000, 0x44001008 },	/* top_align */
		{ 0x44000000, 0x44000000 },	/* top_bound */
		{ 0x44002000, 0x44001000 },
		{ NOT_MEMORY, NOT_MEMORY + GRANULE_SIZE },	/* tracking */
		{ UART0_BASE, UART0_BASE + GRANULE_SIZE },
		{ RMM_BASE, RMM_BASE + GRANULE_SIZE },		/* state */
		{ BIT_ULL(60), BIT_ULL(60) + GRANULE_SIZE },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		rmi_status_t st;

		st = rmi_granule_range_delegate(cases[i].base, cases[i].top, &de);
		if (rmi_code(st) != RMI_ERROR_INPUT)
			test_failed(__FILE__, __LINE__, "DELEGATE 0x%lx to 0x%lx: %s",
				    cases[i].base, cases[i].top, rmi_status_name(st));
		st = rmi_granule_range_undelegate(cases[i].base, cases[i].top, &un);
		if (rmi_code(st) != RMI_ERROR_INPUT)
			test_failed(__FILE__, __LINE__, "UNDELEGATE 0x%lx to 0x%lx: %s",
				    cases[i].base, cases[i].top, rmi_status_name(st));
	}
}

static void bad_states(void)
{
	struct rmi_granule_range_undelegate_out un;
	struct rmi_granule_range_delegate_out de;
	phys_addr_t ns = (phys_addr_t)ns_page();
	phys_addr_t page = delegated_page();

	check_status(rmi_granule_range_delegate(page, page + GRANULE_SIZE, &de), RMI_ERROR_INPUT);
	check_status(rmi_granule_range_undelegate(ns, ns + GRANULE_SIZE, &un), RMI_ERROR_INPUT);
}

/* The second of four granules is in the way: what lies before it may be done, nothing after it. */
static void stops_at_state(void)
{
	phys_addr_t base = (phys_addr_t)ns_pages(4);

	require_status(delegate(base + GRANULE_SIZE, GRANULE_SIZE), RMI_SUCCESS);
	check_status(delegate(base, 4 * GRANULE_SIZE), RMI_ERROR_INPUT);
	check(read_is_gpf(base));
	check(!read_is_gpf(base + 2 * GRANULE_SIZE));

	check_status(undelegate(base, 4 * GRANULE_SIZE), RMI_ERROR_INPUT);
	check(!read_is_gpf(base));
	check(!read_is_gpf(base + GRANULE_SIZE));
}

struct remote {
	phys_addr_t pa;
	u64 esr;
	u64 value;
};

static void remote_read(void *arg)
{
	struct remote *r = arg;

	r->value = try_read(r->pa, &r->esr);
}

/* The other CPU has the translation in its TLB when the granule changes hands. */
static void other_cpu(void)
{
	u64 *page = ns_page();
	static struct remote r;

	if (nr_cpus < 2)
		skip_test("one CPU");

	r.pa = (phys_addr_t)page;
	*page = 0x1234;
	smp_run(1, remote_read, &r);
	smp_wait(1);
	check_eq(r.esr, 0);
	check_eq(r.value, 0x1234);

	require_status(delegate(r.pa, GRANULE_SIZE), RMI_SUCCESS);
	smp_run(1, remote_read, &r);
	smp_wait(1);
	check(is_gpf(r.esr));

	require_status(undelegate(r.pa, GRANULE_SIZE), RMI_SUCCESS);
	smp_run(1, remote_read, &r);
	smp_wait(1);
	check_eq(r.esr, 0);
}

struct churn {
	phys_addr_t base;
	unsigned int bad;
};

/* Neighbours share an entry of the granule protection table. */
static void delegate_odd_ones(void *arg)
{
	struct churn *churn = arg;
	phys_addr_t pa;

	for (unsigned int i = 0; i < 64; i++) {
		pa = churn->base + (i % 8) * 2 * GRANULE_SIZE;
		if (!rmi_ok(delegate(pa, GRANULE_SIZE)) || !read_is_gpf(pa) ||
		    !rmi_ok(undelegate(pa, GRANULE_SIZE)) || read_is_gpf(pa))
			churn->bad++;
	}
}

static void two_cpus(void)
{
	phys_addr_t base = (phys_addr_t)ns_pages(16);
	struct churn mine = { .base = base };
	static struct churn other;

	if (nr_cpus < 2)
		skip_test("one CPU");

	other = (struct churn){ .base = base + GRANULE_SIZE };
	smp_run(1, delegate_odd_ones, &other);
	delegate_odd_ones(&mine);
	smp_wait(1);
	check_eq(mine.bad, 0);
	check_eq(other.bad, 0);
}

/* All the host sees as memory, up to the firmware's and to the end of DRAM. */
static void edges(void)
{
	static const phys_addr_t pages[] = {
		RMM_BASE - GRANULE_SIZE,
		TEST_CONTROL_BASE + TEST_CONTROL_SIZE,
		DRAM_BASE + DRAM_SIZE - GRANULE_SIZE,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
		check_status(delegate(pages[i], GRANULE_SIZE), RMI_SUCCESS);
		check(read_is_gpf(pages[i]));
		check_status(undelegate(pages[i], GRANULE_SIZE), RMI_SUCCESS);
		check(!read_is_gpf(pages[i]));
	}
}

static void firmware_memory(void)
{
	u64 esr;

	check(read_is_gpf(RMM_BASE));
	try_read(SRAM_BASE, &esr);
	check(esr);
}

/* In the address space of the monitor, whatever hardware behind it would say to the host */
static void root_memory(void)
{
	static const phys_addr_t pages[] = {
		FLASH_BASE, FLASH_BASE + FLASH_SIZE - GRANULE_SIZE,
		SRAM_BASE, SRAM_BASE + SRAM_SIZE - GRANULE_SIZE,
		UART1_BASE, SECURE_GPIO_BASE,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++) {
		if (!read_is_gpf(pages[i]))
			test_failed(__FILE__, __LINE__, "0x%lx can be reached", pages[i]);
	}
}

const struct test delegate_tests[] = {
	{ "a delegated granule is protected, its neighbours are not", protects },
	{ "contents do not survive", wipes },
	{ "ranges", ranges },
	{ "bad ranges are refused", bad_ranges },
	{ "bad states are refused", bad_states },
	{ "a range ends at a granule in another state", stops_at_state },
	{ "another CPU loses and regains the granule", other_cpu },
	{ "two CPUs delegate neighbours at once", two_cpus },
	{ "memory up to the firmware's and to the end of DRAM", edges },
	{ "the firmware's own memory is protected", firmware_memory },
	{ "memory and devices of the monitor are Root", root_memory },
	{ },
};
