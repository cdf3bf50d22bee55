// SPDX-License-Identifier: GPL-2.0-only
/* The end of an image that found itself wrong: say where and why, then stop the machine. */
#include <console.h>
#include <string.h>
#include <sysreg.h>

static void print_regs(const struct trap_regs *regs)
{
	for (int i = 0; i < 30; i += 2)
		printf("x%-2d %016llx  x%-2d %016llx\n", i, regs->x[i], i + 1, regs->x[i + 1]);
	printf("x30 %016llx  sp  %016llx\n", regs->x[30], regs->sp);
}

/* The exception that led here, as the current EL's registers still tell. */
static void print_exception(unsigned int el)
{
	u64 esr, elr, far, spsr;

	switch (el) {
	case 3:
		esr = read_sysreg(esr_el3);
		elr = read_sysreg(elr_el3);
		far = read_sysreg(far_el3);
		spsr = read_sysreg(spsr_el3);
		break;
	case 2:
		esr = read_sysreg(esr_el2);
		elr = read_sysreg(elr_el2);
		far = read_sysreg(far_el2);
		spsr = read_sysreg(spsr_el2);
		break;
	default:
		return;
	}

	printf("esr %016llx  elr %016llx  far %016llx  spsr %016llx\n", esr, elr, far, spsr);
}

void panic_at(const char *file, int line, const struct trap_regs *regs, const char *fmt, ...)
{
	unsigned int el = (read_sysreg(CurrentEL) >> 2) & 3;
	char buf[PRINTF_MAX];
	va_list args;
	size_t len;

	if (regs) {
		print_exception(el);
		print_regs(regs);
	}

	len = snprintf(buf, sizeof(buf), "FIRMWARE PANIC: CPU %u EL%u %s:%d: ",
		       cpu_index(), el, file, line);
	len = min(len, sizeof(buf) - 1);

	va_start(args, fmt);
	len += vsnprintf(buf + len, sizeof(buf) - len, fmt, args);
	va_end(args);
	len = min(len, sizeof(buf) - 2);
	buf[len++] = '\n';

	machine_stop(buf, len);
}
