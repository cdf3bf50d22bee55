// SPDX-License-Identifier: GPL-2.0-only
/* Memory of the realm that its RSI commands name (DEN0137 A5.2.4) */
#include "run.h"

void *realm_mem_map(struct rec *rec, u64 ipa, struct s2tt_walk *walk, struct s2tt_entry *why)
{
	void *va;

	for (;;) {
		va = realm_mem_get(&rec->s2, ipa, walk);
		if (va)
			return va;

		s2tt_lookup(&rec->s2, ipa, why);
		/* Unless the host mapped it between the two looks, this is the reason. */
		if (why->state != RMI_RTTE_DATA || why->ripas != RMI_RIPAS_RAM)
			return NULL;
	}
}
