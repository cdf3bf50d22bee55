/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FIRMWARE_UART_H
#define FIRMWARE_UART_H

#include <linux/types.h>

/**
 * uart_init() - make a PL011 send
 * @base: address of its registers
 */
void uart_init(unsigned long base);

/**
 * uart_write() - send bytes through a PL011, CR before each LF
 * @base: address of its registers
 * @s: the bytes
 * @len: how many
 */
void uart_write(unsigned long base, const char *s, size_t len);

#endif /* FIRMWARE_UART_H */
