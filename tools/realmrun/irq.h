/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_IRQ_H
#define REALMRUN_IRQ_H

#include "types.h"

void irq_set_level(unsigned int spi, bool level);
int irq_eventfd(unsigned int spi);

#endif /* REALMRUN_IRQ_H */
