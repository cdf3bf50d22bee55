/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests that run where they are built, with what needs KVM played by others. */
#ifndef REALMRUN_TEST_H
#define REALMRUN_TEST_H

#include <stdio.h>

#include "../types.h"

void expect_failed(const char *file, int line, const char *what);

#define expect(cond) do {						\
	if (!(cond))							\
		expect_failed(__FILE__, __LINE__, #cond);		\
} while (0)

#define expect_eq(a, b) do {						\
	u64 _a = (a), _b = (b);						\
	char _what[160];						\
									\
	if (_a != _b) {							\
		snprintf(_what, sizeof(_what), "%s is 0x%llx, not 0x%llx (%s)", #a, _a, _b, #b); \
		expect_failed(__FILE__, __LINE__, _what);		\
	}								\
} while (0)

/* What the fakes have seen, and what they are to do */
extern char fake_output[4096];
extern size_t fake_output_size;
extern unsigned int fake_resumes;
extern unsigned int fake_rounds;
extern void (*fake_on_output)(void);
extern bool fake_levels[64];

/* Guest memory: as many bytes from RAM_BASE on, of which the first page is private */
#define FAKE_RAM_SIZE		SZ_1M
#define FAKE_SHARED_BIT		BIT_ULL(32)
extern char fake_ram[FAKE_RAM_SIZE];

void fakes_reset(void);
unsigned int fake_interrupts(unsigned int spi);
void fake_notify(u64 gpa, u64 value);

void test_options(void);
void test_image(void);
void test_devicetree(void);
void test_uart(void);
void test_virtio_registers(void);
void test_virtio_queue(void);
void test_virtio_block(void);
void test_virtio_console(void);
void test_virtio_messages(void);

#endif /* REALMRUN_TEST_H */
