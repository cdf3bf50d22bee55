/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_GIC_H
#define REALMRUN_GIC_H

#include "types.h"

void gic_init(unsigned int cpus);
bool gic_has_its(void);

#endif /* REALMRUN_GIC_H */
