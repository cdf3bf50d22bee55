// SPDX-License-Identifier: GPL-2.0-only
/*
 * realmrun: a small VMM that boots Linux as a realm, or as an ordinary VM with
 * the same devices.
 */

#include <stdio.h>

#include "error.h"
#include "gic.h"
#include "vm.h"
#include "loader.h"
#include "loop.h"
#include "memory.h"
#include "options.h"
#include "stats.h"
#include "terminal.h"
#include "uart.h"
#include "vcpu.h"
#include "virtio.h"

static struct options opts;
static struct boot boot;

static void init_vm(void)
{
	vm_init(&opts);
}

static void init_memory(void)
{
	memory_init(&opts);
}

static void init_vcpus(void)
{
	vcpu_init(&opts);
}

static void init_gic(void)
{
	gic_init(opts.cpus);
}

static void init_disks(void)
{
	for (unsigned int i = 0; i < opts.nr_disks; i++)
		virtio_block_init(i, opts.disks[i].path, opts.disks[i].read_only);
}

static void init_loader(void)
{
	loader_init(&opts, &boot);
}

static void start_terminal(void)
{
	terminal_start(opts.console == CONSOLE_VIRTIO ? &virtio_console_user : &uart_user);
}

static void start_vcpus(void)
{
	vcpu_start(&boot);
}

/*
 * From nothing to a running guest. Each step ends the process when it fails,
 * and what has to be undone then is undone by atexit().
 */
static void (*const init_list[])(void) = {
	terminal_init,
	loop_init,
	init_vm,
	init_memory,
	init_vcpus,
	init_gic,		/* knows the number of vCPUs */
	uart_init,
	virtio_console_init,	/* interrupts need the GIC */
	init_disks,
	init_loader,		/* the device tree has all devices */
	memory_launch,
	start_terminal,		/* threads inherit its signal mask */
	start_vcpus,
};

int main(int argc, char **argv)
{
	char error[256];
	int status;

	switch (options_parse(&opts, argc, argv, error, sizeof(error))) {
	case OPTIONS_HELP:
		fputs(options_usage, stdout);
		return 0;
	case OPTIONS_BAD:
		message("%s; --help lists the options", error);
		return EXIT_USAGE;
	case OPTIONS_OK:
		break;
	}

	for (size_t i = 0; i < ARRAY_SIZE(init_list); i++)
		init_list[i]();

	status = loop_run();
	vcpu_stop();
	terminal_restore();
	if (opts.stats)
		stats_print(opts.cpus);
	return status;
}
