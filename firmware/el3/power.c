// SPDX-License-Identifier: GPL-2.0-only
/* Power-off and reset: two output lines of the secure PL061, and what to do before a reset. */
#include <linux/bits.h>
#include <linux/types.h>
#include <memmap.h>
#include <sysreg.h>
#include "el3.h"

#define GPIODIR			0x400
#define LINE_POWER_OFF		0
#define LINE_RESET		1

static __noreturn void raise_line(unsigned int line)
{
	/* Address bits 9:2 of a data access select the lines it is for. */
	volatile u32 *data = (volatile u32 *)(SECURE_GPIO_BASE + (BIT(line) << 2));
	volatile u32 *dir = (volatile u32 *)(SECURE_GPIO_BASE + GPIODIR);

	*dir |= BIT(line);
	*data = 0;
	dsb(sy);
	*data = BIT(line);
	dsb(sy);

	for (;;)
		wfi();
}

void machine_power_off(void)
{
	raise_line(LINE_POWER_OFF);
}

void machine_reset(void)
{
	/* SRAM keeps its contents: hold the other CPUs back once more. */
	WRITE_ONCE(el3_secondary_go, 0);
	clean_to_poc((unsigned long)&el3_secondary_go, sizeof(el3_secondary_go));
	raise_line(LINE_RESET);
}
