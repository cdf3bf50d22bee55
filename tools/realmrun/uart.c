// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PL011 UART (Arm DDI 0183), revision r1p5.
 *
 * Characters leave it at once, so the transmit FIFO is always empty.
 */

#include <pthread.h>

#include "device.h"
#include "devicetree.h"
#include "irq.h"
#include "map.h"
#include "uart.h"

#define UARTDR			0x000
#define UARTRSR			0x004
#define UARTFR			0x018
#define UARTILPR		0x020
#define UARTIBRD		0x024
#define UARTFBRD		0x028
#define UARTLCR_H		0x02c
#define UARTCR			0x030
#define UARTIFLS		0x034
#define UARTIMSC		0x038
#define UARTRIS			0x03c
#define UARTMIS			0x040
#define UARTICR			0x044
#define UARTDMACR		0x048
#define UARTPERIPHID0		0xfe0
#define UARTPCELLID3		0xffc

#define FR_TXFE			BIT_ULL(7)
#define FR_RXFF			BIT_ULL(6)
#define FR_RXFE			BIT_ULL(4)

#define LCR_H_FEN		BIT_ULL(4)

#define CR_UARTEN		BIT_ULL(0)
#define CR_TXE			BIT_ULL(8)
#define CR_RXE			BIT_ULL(9)

#define INT_RX			BIT_ULL(4)
#define INT_TX			BIT_ULL(5)
#define INT_RT			BIT_ULL(6)
#define INT_ALL			0x7ff

#define FIFO_SIZE		32

/*
 * The receive interrupt of a character, and of the last ones when the line
 * becomes idle, is as level-triggered as the FIFO is filled: clearing it has
 * no effect while there is something to be read.
 */
static struct uart {
	struct device dev;
	pthread_mutex_t lock;
	u32 rsr, ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
	bool tx_done;		/* interrupt that is pending until it is cleared */
	u8 fifo[FIFO_SIZE];
	unsigned int first;
	unsigned int count;
} uart;

static const u8 identification[] = {
	0x11, 0x10, 0x34, 0x00,		/* PL011, designer Arm, r1p5 */
	0x0d, 0xf0, 0x05, 0xb1,		/* PrimeCell */
};

static u32 raw_interrupts(void)
{
	return (uart.count ? INT_RX | INT_RT : 0) | (uart.tx_done ? INT_TX : 0);
}

static void update_interrupt(void)
{
	static bool level;
	bool now = raw_interrupts() & uart.imsc;

	if (now != level) {
		level = now;
		irq_set_level(uart.dev.spi, level);
	}
}

static unsigned int fifo_size(void)
{
	return uart.lcr_h & LCR_H_FEN ? FIFO_SIZE : 1;
}

static unsigned int fifo_room(void)
{
	const u32 on = CR_UARTEN | CR_RXE;

	if ((uart.cr & on) != on || uart.count >= fifo_size())
		return 0;
	return fifo_size() - uart.count;
}

static u8 fifo_take(void)
{
	u8 c;

	if (!uart.count)
		return 0;
	c = uart.fifo[uart.first];
	uart.first = (uart.first + 1) % FIFO_SIZE;
	uart.count--;
	return c;
}

static void transmit(u8 c)
{
	const u32 on = CR_UARTEN | CR_TXE;

	if ((uart.cr & on) != on)
		return;
	terminal_output(&c, 1);
	uart.tx_done = true;
}

static u32 flags(void)
{
	return FR_TXFE | (uart.count ? 0 : FR_RXFE) |
	       (uart.count >= fifo_size() ? FR_RXFF : 0);
}

static u32 read_register(u64 offset)
{
	if (offset >= UARTPERIPHID0 && offset <= UARTPCELLID3)
		return identification[(offset - UARTPERIPHID0) / 4];

	switch (offset) {
	case UARTDR:
		return fifo_take();
	case UARTRSR:
		return uart.rsr;
	case UARTFR:
		return flags();
	case UARTILPR:
		return uart.ilpr;
	case UARTIBRD:
		return uart.ibrd;
	case UARTFBRD:
		return uart.fbrd;
	case UARTLCR_H:
		return uart.lcr_h;
	case UARTCR:
		return uart.cr;
	case UARTIFLS:
		return uart.ifls;
	case UARTIMSC:
		return uart.imsc;
	case UARTRIS:
		return raw_interrupts();
	case UARTMIS:
		return raw_interrupts() & uart.imsc;
	case UARTDMACR:
		return uart.dmacr;
	}
	return 0;
}

static void write_register(u64 offset, u32 value)
{
	switch (offset) {
	case UARTDR:
		transmit(value);
		break;
	case UARTRSR:
		uart.rsr = 0;
		break;
	case UARTILPR:
		uart.ilpr = value & 0xff;
		break;
	case UARTIBRD:
		uart.ibrd = value & 0xffff;
		break;
	case UARTFBRD:
		uart.fbrd = value & 0x3f;
		break;
	case UARTLCR_H:
		uart.lcr_h = value & 0xff;
		break;
	case UARTCR:
		uart.cr = value & 0xffff;
		break;
	case UARTIFLS:
		uart.ifls = value & 0x3f;
		break;
	case UARTIMSC:
		uart.imsc = value & INT_ALL;
		break;
	case UARTICR:
		if (value & INT_TX)
			uart.tx_done = false;
		break;
	case UARTDMACR:
		uart.dmacr = value & 0x7;
		break;
	}
}

static u64 uart_read(struct device *dev, u64 offset, unsigned int size)
{
	u64 value;
	bool room;

	pthread_mutex_lock(&uart.lock);
	value = read_register(ALIGN_DOWN(offset, 4));
	room = fifo_room();
	update_interrupt();
	pthread_mutex_unlock(&uart.lock);

	if (room)
		terminal_resume_input();
	return value >> (offset & 3) * 8;
}

static void uart_write(struct device *dev, u64 offset, unsigned int size, u64 value)
{
	bool room;

	if (offset & 3)
		return;
	pthread_mutex_lock(&uart.lock);
	write_register(offset, value);
	room = fifo_room();
	update_interrupt();
	pthread_mutex_unlock(&uart.lock);

	if (room)
		terminal_resume_input();
}

static size_t uart_room(void)
{
	size_t room;

	pthread_mutex_lock(&uart.lock);
	room = fifo_room();
	pthread_mutex_unlock(&uart.lock);
	return room;
}

static void uart_input(const u8 *data, size_t size)
{
	pthread_mutex_lock(&uart.lock);
	for (; size && uart.count < FIFO_SIZE; size--) {
		uart.fifo[(uart.first + uart.count) % FIFO_SIZE] = *data++;
		uart.count++;
	}
	update_interrupt();
	pthread_mutex_unlock(&uart.lock);
}

const struct terminal_user uart_user = {
	.room	= uart_room,
	.input	= uart_input,
};

static void uart_describe(const struct device *dev, void *fdt)
{
	dt_begin(fdt, "uart-clock");
	dt_string(fdt, "compatible", "fixed-clock");
	dt_cells(fdt, "#clock-cells", 0);
	dt_cells(fdt, "clock-frequency", 24000000);
	dt_cells(fdt, "phandle", PHANDLE_CLOCK);
	dt_end(fdt);

	dt_begin(fdt, "uart@%llx", dev->base);
	dt_strings(fdt, "compatible", "arm,pl011", "arm,primecell");
	dt_reg(fdt, dev->base, dev->size);
	dt_spi(fdt, dev->spi, DT_IRQ_LEVEL);
	dt_cells(fdt, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
	dt_strings(fdt, "clock-names", "uartclk", "apb_pclk");
	dt_end(fdt);
}

/**
 * uart_init() - Create the UART
 */
void uart_init(void)
{
	uart = (struct uart) {
		.dev = {
			.name		= "uart",
			.base		= UART_BASE,
			.size		= DEVICE_SIZE,
			.spi		= UART_SPI,
			.read		= uart_read,
			.write		= uart_write,
			.describe	= uart_describe,
		},
		.lock	= PTHREAD_MUTEX_INITIALIZER,
		.cr	= CR_TXE | CR_RXE,
		.ifls	= 0x12,
	};
	device_add(&uart.dev);
}
