/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_STATS_H
#define REALMRUN_STATS_H

void stats_print(unsigned int cpus);

#endif /* REALMRUN_STATS_H */
