/* SPDX-License-Identifier: GPL-2.0-only */
/* RMI Address Range Descriptors, single ones and lists of them (DEN0137 B4.4, A5.3.3.1). */
#ifndef RMM_ADDR_LIST_H
#define RMM_ADDR_LIST_H

#include <linux/types.h>
#include "rmi.h"

/**
 * struct addr_range - a descriptor taken apart
 * @pa: first byte
 * @level: level of the blocks it consists of
 * @count: number of blocks
 * @state: RMI_OP_MEM_*
 */
struct addr_range {
	unsigned long pa;
	int level;
	unsigned int count;
	unsigned int state;
};

/**
 * addr_range_decode() - take a descriptor apart
 *
 * Return: false when it is malformed: reserved bits set, an address that is not aligned
 * to the blocks, or a range that ends beyond what an RTT without LPA2 can map
 */
bool addr_range_decode(u64 desc, struct addr_range *range);

/** addr_range_encode() - put a descriptor together */
u64 addr_range_encode(const struct addr_range *range);

/** addr_range_size() - number of bytes */
unsigned long addr_range_size(const struct addr_range *range);

/**
 * struct addr_source - addresses that the host gives to a mapping command
 * @list: address of the next descriptor in the host's memory
 * @list_count: number of descriptors left there
 * @pa: next address
 * @left: bytes left in the current range
 */
struct addr_source {
	unsigned long list;
	unsigned long list_count;
	unsigned long pa;
	unsigned long left;
};

/**
 * addr_source_init() - check what the host gave
 * @src: to be filled in
 * @type: RMI_ADDR_TYPE_*
 * @oaddr: the descriptor, or the address of a list
 * @list_count: length of the list
 *
 * Return: false when @type or @oaddr is not valid (RMI_ERROR_INPUT)
 */
bool addr_source_init(struct addr_source *src, unsigned long type, u64 oaddr,
		      unsigned long list_count);

/**
 * addr_source_next() - make the next address available in @src->pa and @src->left
 *
 * Return: false when there is none, or the list cannot be read or is malformed
 */
bool addr_source_next(struct addr_source *src);

/** addr_source_consume() - advance by @size bytes, at most @src->left */
void addr_source_consume(struct addr_source *src, unsigned long size);

/**
 * struct addr_sink - addresses that a command gives back to the host
 * @type: RMI_ADDR_TYPE_*
 * @list: where the list begins in the host's memory
 * @capacity: number of descriptors that fit there, 1 for RMI_ADDR_TYPE_SINGLE
 * @count: number of descriptors in use
 * @last: the last of these
 */
struct addr_sink {
	unsigned long type;
	unsigned long list;
	unsigned long capacity;
	unsigned long count;
	struct addr_range last;
};

/**
 * addr_sink_init() - check where the host wants addresses to be put
 * @sink: to be filled in
 * @type: RMI_ADDR_TYPE_*
 * @list: address of the list, for RMI_ADDR_TYPE_LIST
 * @capacity: number of descriptors that fit there; no more than to the end of the
 *	granule are used
 *
 * Return: false when @type or @list is not valid (RMI_ERROR_INPUT)
 */
bool addr_sink_init(struct addr_sink *sink, unsigned long type, unsigned long list,
		    unsigned long capacity);

/**
 * addr_sink_add() - add a block
 * @sink: where to
 * @pa: address of the block
 * @level: level of the block
 * @state: RMI_OP_MEM_*
 *
 * Return: false when it does not fit or the host's memory cannot be written; the
 * caller then leaves the block as it is
 */
bool addr_sink_add(struct addr_sink *sink, unsigned long pa, int level, unsigned int state);

#endif
