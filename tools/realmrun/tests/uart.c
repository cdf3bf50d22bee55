// SPDX-License-Identifier: GPL-2.0-only

#include <string.h>

#include "../device.h"
#include "../map.h"
#include "../uart.h"
#include "test.h"

#define DR	0x00
#define FR	0x18
#define LCR_H	0x2c
#define CR	0x30
#define IMSC	0x38
#define RIS	0x3c
#define MIS	0x40
#define ICR	0x44

#define TXFE	0x80
#define RXFF	0x40
#define RXFE	0x10

#define RX	0x10
#define TX	0x20
#define RT	0x40

static struct device *uart;

static u32 get(u64 offset)
{
	return uart->read(uart, offset, 4);
}

static void set(u64 offset, u32 value)
{
	uart->write(uart, offset, 4, value);
}

static void test_identification(void)
{
	u64 id = 0;

	for (int i = 7; i >= 0; i--)
		id = id << 8 | (get(0xfe0 + i * 4) & 0xff);
	expect_eq(id, 0xb105f00d00341011);
	expect_eq(uart->read(uart, 0xfe5, 1), 0x00);
	expect_eq(uart->read(uart, 0xfe4, 1), 0x10);
}

static void test_output(void)
{
	set(DR, 'x');
	expect_eq(fake_output_size, 0);		/* not enabled */

	set(CR, 0x301);
	set(IMSC, TX);
	expect(!fake_levels[UART_SPI]);
	set(DR, 'H');
	uart->write(uart, DR, 1, 'i');
	expect(fake_output_size == 2 && !memcmp(fake_output, "Hi", 2));
	expect_eq(get(FR), TXFE | RXFE);
	expect_eq(get(MIS), TX);
	expect(fake_levels[UART_SPI]);
	set(ICR, TX);
	expect_eq(get(RIS), 0);
	expect(!fake_levels[UART_SPI]);
}

static void test_input(void)
{
	u8 data[40];

	for (int i = 0; i < 40; i++)
		data[i] = i + 1;

	set(CR, 0);
	expect_eq(uart_user.room(), 0);
	set(CR, 0x301);
	set(LCR_H, 0x60);
	expect_eq(uart_user.room(), 1);		/* no FIFO */
	set(LCR_H, 0x70);
	expect_eq(uart_user.room(), 32);

	set(IMSC, RX | RT);
	uart_user.input(data, 3);
	expect(fake_levels[UART_SPI]);
	set(ICR, 0x7ff);			/* there is still something */
	expect(fake_levels[UART_SPI]);
	expect_eq(get(RIS), RX | RT);
	expect_eq(get(DR), 1);
	expect_eq(get(DR), 2);
	expect_eq(uart_user.room(), 31);

	uart_user.input(data, 31);
	expect_eq(uart_user.room(), 0);
	expect_eq(get(FR), TXFE | RXFF);
	fake_resumes = 0;
	expect_eq(get(DR), 3);
	expect(fake_resumes);
	for (int i = 0; i < 31; i++)
		expect_eq(get(DR), i + 1);
	expect_eq(get(FR), TXFE | RXFE);
	expect(!fake_levels[UART_SPI]);
	expect_eq(get(DR), 0);
}

void test_uart(void)
{
	uart_init();
	uart = device_at(UART_BASE, 4);
	expect(uart && device_at(UART_BASE + 0xffc, 4) == uart);
	expect(!device_at(UART_BASE + 0xffd, 4) && !device_at(UART_BASE - 1, 1));
	test_identification();
	test_output();
	test_input();
}
