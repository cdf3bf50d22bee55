/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output and the end. Each image has its own console_write() and machine_stop(): the monitor
 * writes to UART1, the RMM through EL3 (el3_rmm.h), the test payload to UART0.
 */
#ifndef FIRMWARE_CONSOLE_H
#define FIRMWARE_CONSOLE_H

#include <stdarg.h>
#include <linux/types.h>

/**
 * console_write() - write to the console of this image
 * @s: bytes to write, not terminated
 * @len: how many, at most PRINTF_MAX
 *
 * Called by printf() with the whole of one call's output, by several CPUs at once.
 */
void console_write(const char *s, size_t len);

/**
 * machine_stop() - stop the machine after a panic
 * @s: last words, not terminated
 * @len: how many bytes
 *
 * Writes @s where it is surely seen. Does not return.
 */
__noreturn void machine_stop(const char *s, size_t len);

/* Longest output of one printf() call in bytes; the rest is cut off. */
#define PRINTF_MAX	256

/*
 * printf() knows %c %s %d %i %u %x %X %p %%, the flags 0 and -, a width, a precision for
 * %s, and the sizes h, l, ll and z.
 */
__printf(3, 0) int vsnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int snprintf(char *buf, size_t size, const char *fmt, ...);
__printf(1, 2) void printf(const char *fmt, ...);

/**
 * struct trap_regs - general-purpose registers at an exception
 * @x: x0 to x30
 * @sp: stack pointer of the exception's EL before it
 */
struct trap_regs {
	u64 x[31];
	u64 sp;
};

__noreturn __printf(4, 5)
void panic_at(const char *file, int line, const struct trap_regs *regs, const char *fmt, ...);

/* Both name the file and line, the CPU and EL; panic_regs() the registers at the exception too. */
#define panic(fmt, ...)		panic_at(__FILE__, __LINE__, NULL, fmt, ##__VA_ARGS__)
#define panic_regs(regs, fmt, ...) panic_at(__FILE__, __LINE__, regs, fmt, ##__VA_ARGS__)

/* For what cannot be unless the firmware itself is wrong; never for what a caller may send. */
#define assert(cond) do {						\
	if (__builtin_expect(!(cond), 0))				\
		panic("assertion failed: %s", #cond);			\
} while (0)

#endif /* FIRMWARE_CONSOLE_H */
