// SPDX-License-Identifier: GPL-2.0-only
/* The RMM's console: UART1 is Root memory, so EL3 writes. */
#include <linux/arm-smccc.h>
#include <console.h>
#include <el3_rmm.h>
#include <string.h>
#include <sysreg.h>

/* What one call to EL3 takes */
static const size_t max_write = EL3_RMM_CONSOLE_MAX;

static void el3_write(unsigned long fid, const char *s, size_t len)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a1 = len };

	memcpy(&regs.a2, s, len);
	arm_smccc_1_2_smc(&regs, &regs);
}

void console_write(const char *s, size_t len)
{
	while (len) {
		size_t part = min(len, max_write);

		el3_write(EL3_RMM_CONSOLE_WRITE, s, part);
		s += part;
		len -= part;
	}
}

void machine_stop(const char *s, size_t len)
{
	el3_write(EL3_RMM_PANIC, s, min(len, max_write));
	for (;;)
		wfi();
}
