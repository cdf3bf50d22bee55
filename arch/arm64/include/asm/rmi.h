/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's half of the Realm Management Interface that is not about VMs:
 * whether there is a usable Realm Management Monitor (RMM), giving it memory
 * and taking it back, and running its stateful operations.
 */
#ifndef __ASM_RMI_H
#define __ASM_RMI_H

#include <linux/bits.h>
#include <linux/gfp_types.h>
#include <linux/types.h>

#include <asm/rmi_cmds.h>

/* The granule size the RMM is configured with, whatever the size of a page */
#define RMI_GRANULE_SHIFT	12
#define RMI_GRANULE_BYTES	BIT(RMI_GRANULE_SHIFT)

/* A stage 2 table of the RMM is one granule of 8-byte entries; level 3 is last */
#define RMI_RTT_LAST_LEVEL	3
#define RMI_RTT_LEVEL_SHIFT(l)	\
	(RMI_GRANULE_SHIFT + (RMI_RTT_LAST_LEVEL - (l)) * (RMI_GRANULE_SHIFT - 3))
#define RMI_RTT_LEVEL_BYTES(l)	BIT(RMI_RTT_LEVEL_SHIFT(l))

bool rmi_is_available(void);
u64 rmi_feature_register(unsigned int index);

int rmi_run(struct arm_smccc_1_2_regs *regs, gfp_t gfp);

int rmi_delegate(phys_addr_t base, phys_addr_t top, gfp_t gfp);
int rmi_undelegate(phys_addr_t base, phys_addr_t top, gfp_t gfp);

phys_addr_t rmi_alloc_granules(unsigned int nr_granules, gfp_t gfp);
void rmi_free_granules(phys_addr_t base, unsigned int nr_granules);

#endif /* __ASM_RMI_H */
