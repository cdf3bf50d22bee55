/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPU offers to realms */
#ifndef RMM_FEATURES_H
#define RMM_FEATURES_H

#include <linux/types.h>

/** sve_supported() - can a realm have SVE? */
bool sve_supported(void);

/**
 * sve_max_vl() - longest vector
 *
 * Return: its length in 128-bit units, minus 1; 0 without SVE
 */
unsigned int sve_max_vl(void);

#endif
