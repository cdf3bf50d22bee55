// SPDX-License-Identifier: GPL-2.0-only
/*
 * EL3 monitor of the test firmware: boot order, and the console. start.S has brought each CPU here
 * with its stack and the MMU on.
 */
#include <memmap.h>
#include <spinlock.h>
#include <sysreg.h>
#include <uart.h>
#include "el3.h"

static spinlock_t console_lock = SPINLOCK_INIT;

void console_write(const char *s, size_t len)
{
	spin_lock(&console_lock);
	uart_write(UART1_BASE, s, len);
	spin_unlock(&console_lock);
}

void machine_stop(const char *s, size_t len)
{
	uart_write(UART1_BASE, s, len);
	uart_write(UART0_BASE, s, len);
	machine_power_off();
}

/**
 * el3_start_host() - enter the Non-secure world on this CPU, for the first time or after CPU_OFF
 * @entry: address
 * @x0: its argument
 * @big_endian: whether its data accesses are big-endian
 *
 * What is on the stack is forgotten: exceptions begin at its top again.
 */
void el3_start_host(u64 entry, u64 x0, bool big_endian)
{
	char *stack_top = el3_stacks + (cpu_index() + 1) * EL3_STACK_STRIDE;
	const u64 args[4] = { x0 };
	struct trap_regs regs;

	knobs_start_host();
	world_prepare(WORLD_NS, entry, args, big_endian);
	rmm_first_entry(&regs);
	el3_enter(&regs, stack_top);
}

static void init_cpu(void)
{
	features_enable_lower_els();
	gpt_enable();
	gic_init_cpu();
}

void el3_main(void)
{
	uart_init(UART1_BASE);
	uart_init(UART0_BASE);
	printf("Test firmware for QEMU virt with RME: no security is claimed\n");

	features_detect();
	dtb_read();
	gpt_build();
	gic_init_distributor();
	init_cpu();
	printf("EL3: %u CPUs, %llu MB, GPT on\n", machine.nr_cpus, machine.dram_size / SZ_1M);
	knobs_report();

	if (!rmm_load())
		printf("EL3: no RMM in flash, no realms\n");
	dtb_fix_up();
	psci_boot_cpu_is_on();

	WRITE_ONCE(el3_secondary_go, EL3_SECONDARY_GO);
	clean_to_poc((unsigned long)&el3_secondary_go, sizeof(el3_secondary_go));
	sev();

	el3_start_host(KERNEL_BASE, DTB_BASE, false);
}

void el3_secondary_main(void)
{
	init_cpu();
	psci_wait_for_on();
}
