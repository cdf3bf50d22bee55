// SPDX-License-Identifier: GPL-2.0-only
/* Allocation of VMIDs: 8 bits are enough, VMID 0 is never used for a realm. */
#include <linux/bits.h>
#include <spinlock.h>
#include "rmm.h"

#define NR_VMIDS	256

static u64 used[NR_VMIDS / 64] = { BIT_ULL(0) };
static spinlock_t lock;

unsigned int vmid_alloc(void)
{
	unsigned int vmid = 0;

	spin_lock(&lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(used) && !vmid; i++) {
		if (~used[i]) {
			unsigned int bit = __builtin_ctzll(~used[i]);

			used[i] |= BIT_ULL(bit);
			vmid = i * 64 + bit;
		}
	}
	spin_unlock(&lock);

	return vmid;
}

void vmid_free(unsigned int vmid)
{
	spin_lock(&lock);
	used[vmid / 64] &= ~BIT_ULL(vmid % 64);
	spin_unlock(&lock);
}
