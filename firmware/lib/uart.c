// SPDX-License-Identifier: GPL-2.0-only
/* PL011, polled, output only. */
#include <linux/bits.h>
#include <uart.h>

#define UARTDR		0x00
#define UARTFR		0x18
#define UARTFR_TXFF	BIT(5)
#define UARTLCR_H	0x2c
#define UARTLCR_H_8N1	(BIT(6) | BIT(5) | BIT(4))	/* 8 bits, FIFO on */
#define UARTCR		0x30
#define UARTCR_ENABLE	(BIT(9) | BIT(8) | BIT(0))	/* RXE, TXE, UARTEN */

static volatile u32 *uart_reg(unsigned long base, unsigned int offset)
{
	return (volatile u32 *)(base + offset);
}

static void uart_putc(unsigned long base, char c)
{
	while (*uart_reg(base, UARTFR) & UARTFR_TXFF)
		;
	*uart_reg(base, UARTDR) = (u8)c;
}

void uart_init(unsigned long base)
{
	*uart_reg(base, UARTLCR_H) = UARTLCR_H_8N1;
	*uart_reg(base, UARTCR) = UARTCR_ENABLE;
}

void uart_write(unsigned long base, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n')
			uart_putc(base, '\r');
		uart_putc(base, s[i]);
	}
}
