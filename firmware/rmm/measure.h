/* SPDX-License-Identifier: GPL-2.0-only */
/* Measurements of a realm: RIM and REMs (DEN0137 A7.1). The RD is locked in all of them. */
#ifndef RMM_MEASURE_H
#define RMM_MEASURE_H

#include <linux/types.h>
#include "realm.h"
#include "rmi.h"

/**
 * measure_data() - extend the RIM with a granule of initial contents (B4.5.66.4)
 * @rd: the realm
 * @ipa: where the granule is mapped
 * @data: its contents
 * @flags: RMI_DATA_FLAGS_*: whether the contents count, or just that it is there
 */
void measure_data(struct rd *rd, unsigned long ipa, const void *data, u64 flags);

/** measure_rec() - extend the RIM with a runnable REC (B4.5.49.4) */
void measure_rec(struct rd *rd, const struct rmi_rec_params *params);

#endif
