// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test control page: tells tests how many granules are delegated, and lets them
 * inject answers of RMI commands. The page is Non-secure memory that EL3 reserved and
 * the RMM does not delegate, so touching it cannot fault.
 */
#include <linux/build_bug.h>
#include <memmap.h>
#include <spinlock.h>
#include <sysreg.h>
#include <test_knobs.h>
#include "rmm.h"
#include "inject_answer.h"

/* scripts/qemu has the offset too. */
static_assert(__builtin_offsetof(struct test_control, boot) == 0x800);
static_assert(sizeof(struct test_control) <= TEST_CONTROL_SIZE);

static struct test_control *page;
static spinlock_t slots_lock;

void test_control_init(unsigned long pa)
{
	if (!pa)
		return;

	page = (void *)(NS_VA_BASE + pa);
	WRITE_ONCE(page->version, TEST_CONTROL_VERSION);
	WRITE_ONCE(page->nr_slots, TEST_CONTROL_SLOTS);
	WRITE_ONCE(page->magic, TEST_CONTROL_MAGIC);
}

void test_control_delegated(unsigned long count)
{
	if (page)
		WRITE_ONCE(page->delegated, count);
}

u64 test_control_knob(enum test_knob knob)
{
	return page ? test_knob_read(page, knob) : 0;
}

bool test_control_donate_contig(void)
{
	return page && (READ_ONCE(page->op_flags) & TEST_CONTROL_OP_CONTIG);
}

/* The time of this slot is over, and the slot is free. It begins with the first answer. */
static bool slot_expired(struct test_control_slot *slot)
{
	u64 now = read_sysreg(cntpct_el0);

	if (!READ_ONCE(slot->hits))
		WRITE_ONCE(slot->since, now);
	if (now - READ_ONCE(slot->since) < READ_ONCE(slot->ticks))
		return false;

	WRITE_ONCE(slot->repeat, 0);
	return true;
}

/* Does this slot answer? Counts the call either way. */
static bool slot_takes(struct test_control_slot *slot, u64 fid, u64 *response)
{
	u64 repeat = READ_ONCE(slot->repeat);
	u64 skip = READ_ONCE(slot->skip);

	if (!repeat || READ_ONCE(slot->fid) != fid)
		return false;

	if (skip) {
		WRITE_ONCE(slot->skip, skip - 1);
		return false;
	}

	if (READ_ONCE(slot->ticks)) {
		if (slot_expired(slot))
			return false;
	} else {
		WRITE_ONCE(slot->repeat, repeat - 1);
	}

	*response = READ_ONCE(slot->response);
	WRITE_ONCE(slot->hits, READ_ONCE(slot->hits) + 1);
	return true;
}

static bool slots_take(u64 fid, u64 *response)
{
	bool taken = false;

	spin_lock(&slots_lock);
	for (int i = 0; i < TEST_CONTROL_SLOTS && !taken; i++)
		taken = slot_takes(&page->slot[i], fid, response);
	spin_unlock(&slots_lock);

	return taken;
}

/* On every command: nothing but the flag is looked at while no test injects. */
bool test_control_inject(u64 fid, u64 *response)
{
	return page && READ_ONCE(page->armed) && slots_take(fid, response);
}
