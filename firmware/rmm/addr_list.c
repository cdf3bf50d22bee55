// SPDX-License-Identifier: GPL-2.0-only
/* RMI Address Range Descriptors for 4 KB granules (addr_list.h). */
#include <linux/bitfield.h>
#include <linux/build_bug.h>
#include "addr_list.h"
#include "ns.h"
#include "op.h"
#include "s2tt.h"

#define DESC_SIZE	sizeof(u64)

/* A command returns at most one table of blocks, or the memory of an operation. */
#define MAX_COUNT	FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, ~ULL(0))

static_assert(S2TT_ENTRIES <= MAX_COUNT);
static_assert(OP_MAX_MEM <= MAX_COUNT);

bool addr_range_decode(u64 desc, struct addr_range *range)
{
	range->pa = desc & RMI_ADDR_RANGE_DESC4_KB_ADDR;
	range->level = S2TT_PAGE_LEVEL - (int)FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_SIZE, desc);
	range->count = FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_COUNT, desc);
	range->state = FIELD_GET(RMI_ADDR_RANGE_DESC4_KB_STATE, desc);

	return !(desc & RMI_ADDR_RANGE_DESC4_KB_RES0) &&
	       IS_ALIGNED(range->pa, s2tt_level_size(range->level)) &&
	       range->pa + addr_range_size(range) <= BIT(S2TT_OADDR_BITS);
}

u64 addr_range_encode(const struct addr_range *range)
{
	return range->pa |
	       FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_SIZE, S2TT_PAGE_LEVEL - range->level) |
	       FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_COUNT, range->count) |
	       FIELD_PREP(RMI_ADDR_RANGE_DESC4_KB_STATE, range->state);
}

unsigned long addr_range_size(const struct addr_range *range)
{
	return range->count * s2tt_level_size(range->level);
}

static bool source_set(struct addr_source *src, u64 desc)
{
	struct addr_range range;

	if (!addr_range_decode(desc, &range))
		return false;
	src->pa = range.pa;
	src->left = addr_range_size(&range);
	return true;
}

static bool list_address_valid(unsigned long list)
{
	return IS_ALIGNED(list, DESC_SIZE) && ns_accessible(list & GRANULE_MASK);
}

bool addr_source_init(struct addr_source *src, unsigned long type, u64 oaddr,
		      unsigned long list_count)
{
	*src = (struct addr_source){ 0 };

	switch (type) {
	case RMI_ADDR_TYPE_SINGLE:
		return source_set(src, oaddr);
	case RMI_ADDR_TYPE_LIST:
		src->list = oaddr;
		src->list_count = list_count;
		return list_address_valid(src->list);
	default:
		return false;
	}
}

bool addr_source_next(struct addr_source *src)
{
	u64 desc;

	while (!src->left) {
		if (!src->list_count || !ns_read(&desc, src->list, DESC_SIZE) ||
		    !source_set(src, desc))
			return false;
		src->list += DESC_SIZE;
		src->list_count--;
	}
	return true;
}

void addr_source_consume(struct addr_source *src, unsigned long size)
{
	src->pa += size;
	src->left -= size;
}

bool addr_sink_init(struct addr_sink *sink, unsigned long type, unsigned long list,
		    unsigned long capacity)
{
	*sink = (struct addr_sink){ .type = type };

	switch (type) {
	case RMI_ADDR_TYPE_NONE:
		return true;
	case RMI_ADDR_TYPE_SINGLE:
		sink->capacity = 1;
		return true;
	case RMI_ADDR_TYPE_LIST:
		sink->list = list;
		sink->capacity = min(capacity, (GRANULE_SIZE - list % GRANULE_SIZE) / DESC_SIZE);
		return list_address_valid(list);
	default:
		return false;
	}
}

/* Can the last range grow by this block? */
static bool extends(const struct addr_sink *sink, unsigned long pa, int level, unsigned int state)
{
	const struct addr_range *last = &sink->last;

	return sink->count && last->level == level && last->state == state &&
	       last->pa + addr_range_size(last) == pa;
}

bool addr_sink_add(struct addr_sink *sink, unsigned long pa, int level, unsigned int state)
{
	struct addr_range range = { .pa = pa, .level = level, .count = 1, .state = state };
	unsigned long index = sink->count;
	u64 desc;

	if (sink->type == RMI_ADDR_TYPE_NONE)
		return true;

	if (extends(sink, pa, level, state)) {
		range = sink->last;
		range.count++;
		index--;
	}
	if (index == sink->capacity)
		return false;

	desc = addr_range_encode(&range);
	if (sink->type == RMI_ADDR_TYPE_LIST &&
	    !ns_write(sink->list + index * DESC_SIZE, &desc, DESC_SIZE))
		return false;

	sink->last = range;
	sink->count = index + 1;
	return true;
}
