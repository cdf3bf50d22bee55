/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access to the host's memory.
 *
 * The host may take a page away, or lie about it, at any moment. These helpers
 * survive a granule protection fault and say so; nothing else in the RMM may
 * dereference Non-secure memory. Every value is read once: copy, then check.
 */
#ifndef RMM_NS_H
#define RMM_NS_H

#include <linux/types.h>

/**
 * ns_read() - copy from Non-secure memory
 * @to: where to, in the RMM
 * @ns_pa: physical address, 8-byte aligned
 * @size: in bytes, a multiple of 8; must not cross a granule
 *
 * Return: false when the memory is not tracked DRAM of the host, or a fault was
 * taken (the command then fails with RMI_ERROR_INPUT); @to is then undefined
 */
bool ns_read(void *to, unsigned long ns_pa, unsigned long size);

/** ns_write() - copy to Non-secure memory; as ns_read() the other way round */
bool ns_write(unsigned long ns_pa, const void *from, unsigned long size);

/** ns_accessible() - is @pa the aligned address of a granule the host owns now? */
bool ns_accessible(unsigned long pa);

#endif
