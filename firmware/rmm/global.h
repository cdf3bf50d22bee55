/* SPDX-License-Identifier: GPL-2.0-only */
/* Global state of the RMM: activation, and what it supports (DEN0137 A2.1, A3). */
#ifndef RMM_GLOBAL_H
#define RMM_GLOBAL_H

#include <linux/types.h>

/* Order of the maximum number of RECs of a realm: 2^order - 1 */
#define MAX_RECS_ORDER		9
#define MAX_RECS		((1UL << MAX_RECS_ORDER) - 1)

#define MIN_IPA_BITS		32
#define MAX_IPA_BITS		48

/** rmm_is_active() - has RMI_RMM_ACTIVATE been called? */
bool rmm_is_active(void);

/** rmm_features() - value of RMI feature register @index, 0 for unknown ones */
u64 rmm_features(u64 index);

#endif
