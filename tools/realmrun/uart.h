/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_UART_H
#define REALMRUN_UART_H

#include "terminal.h"

extern const struct terminal_user uart_user;

void uart_init(void);

#endif /* REALMRUN_UART_H */
