// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for tests: what lies between the firmware's and the payload. A test takes from the
 * bottom up; when it ends everything is made Non-secure again and the next test starts over.
 * Granules the RMM does not give back are never used again.
 */
#include <string.h>
#include "harness.h"

#define POOL_BASE	UL(0x44000000)
#define POOL_SIZE	UL(0x04000000)
#define POOL_GRANULES	(POOL_SIZE / GRANULE_SIZE)

#define JUNK		0xa5

/* Granules that are lost, a bit each: realms get a copy of all static data, so keep it small. */
static u64 lost[POOL_GRANULES / 64];
static unsigned long next;

static phys_addr_t granule_address(unsigned long n)
{
	return POOL_BASE + n * GRANULE_SIZE;
}

static bool is_lost(unsigned long n)
{
	return lost[n / 64] & BIT_ULL(n % 64);
}

static bool any_lost(unsigned long first, unsigned long count)
{
	for (unsigned long i = first; i < first + count; i++) {
		if (is_lost(i))
			return true;
	}

	return false;
}

void *ns_pages(unsigned long count)
{
	unsigned long align = 1;
	unsigned long first;

	while (align < count)
		align *= 2;

	for (first = ALIGN(next, align); first + count <= POOL_GRANULES; first += align) {
		if (any_lost(first, count))
			continue;
		next = first + count;
		memset((void *)granule_address(first), 0, count * GRANULE_SIZE);
		return (void *)granule_address(first);
	}

	printf("# no memory left\n");
	require(false);
	return NULL;
}

/* Run a range command until it is through or answers something else than success. */
static rmi_status_t range_loop(phys_addr_t pa, size_t size,
			       rmi_status_t (*step)(phys_addr_t base, phys_addr_t top,
						    phys_addr_t *out_top))
{
	phys_addr_t top = pa + size;
	phys_addr_t out_top;
	rmi_status_t st = { .raw = RMI_SUCCESS };

	while (pa < top) {
		st = step(pa, top, &out_top);
		if (!rmi_ok(st))
			break;
		if (out_top <= pa || out_top > top)
			panic("range command got to 0x%lx from 0x%lx", out_top, pa);
		pa = out_top;
	}

	return st;
}

/* A range command that is incomplete wants nothing but to be continued. */
static rmi_status_t finish(rmi_status_t st, struct rmi_incomplete incomplete, phys_addr_t *out_top)
{
	struct rmi_op_continue_out out;

	while (rmi_is_incomplete(st) && rmi_mem_req(st) == RMI_OP_MEM_REQ_NONE &&
	       !test_expired()) {
		st = rmi_op_continue(incomplete.handle, RMI_CONTINUE_KEEP_GOING, &out);
		*out_top = out.x1;
	}

	return st;
}

static rmi_status_t delegate_step(phys_addr_t base, phys_addr_t top, phys_addr_t *out_top)
{
	struct rmi_granule_range_delegate_out out;
	rmi_status_t st = rmi_granule_range_delegate(base, top, &out);

	*out_top = out.out_top;
	return finish(st, out.incomplete, out_top);
}

static rmi_status_t undelegate_step(phys_addr_t base, phys_addr_t top, phys_addr_t *out_top)
{
	struct rmi_granule_range_undelegate_out out;
	rmi_status_t st = rmi_granule_range_undelegate(base, top, &out);

	*out_top = out.out_top;
	return finish(st, out.incomplete, out_top);
}

rmi_status_t delegate(phys_addr_t pa, size_t size)
{
	return range_loop(pa, size, delegate_step);
}

rmi_status_t undelegate(phys_addr_t pa, size_t size)
{
	return range_loop(pa, size, undelegate_step);
}

/* Junk: what the RMM uses without wiping it shows in some test. */
phys_addr_t delegated_pages(unsigned long count)
{
	phys_addr_t pa = (phys_addr_t)ns_pages(count);

	memset((void *)pa, JUNK, count * GRANULE_SIZE);
	require_status(delegate(pa, count * GRANULE_SIZE), RMI_SUCCESS);
	return pa;
}

/* Whether the host can use a granule: make it so, and believe the access, not the answer. */
static bool reclaim(phys_addr_t pa)
{
	u64 esr;

	try_read(pa, &esr);
	if (!esr)
		return true;

	undelegate(pa, GRANULE_SIZE);
	try_read(pa, &esr);
	return !esr;
}

/* After a test: true when all its granules are the host's again. */
bool memory_release(void)
{
	unsigned long count = 0;
	phys_addr_t first = 0;

	for (unsigned long i = 0; i < next; i++) {
		if (is_lost(i) || reclaim(granule_address(i)))
			continue;
		lost[i / 64] |= BIT_ULL(i % 64);
		if (!count++)
			first = granule_address(i);
	}
	next = 0;
	if (count)
		printf("# %lu granules are not given back, the first at 0x%lx\n", count, first);

	return !count;
}

/* After a test that has left a CPU behind, which may still use it. */
void memory_abandon(void)
{
	for (unsigned long i = 0; i < next; i++)
		lost[i / 64] |= BIT_ULL(i % 64);
	next = 0;
}

void memory_init(u64 dram_size)
{
	if (POOL_BASE + POOL_SIZE > DRAM_BASE + dram_size)
		panic("too little memory for the tests");
}
