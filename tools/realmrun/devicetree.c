// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of the guest.
 *
 * In a realm it is part of what is measured: the same command line makes the
 * same tree, and there is nothing random in it.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include "device.h"
#include "devicetree.h"
#include "error.h"
#include "map.h"

static void check(int err)
{
	if (err)
		die("the device tree cannot be made: %s", fdt_strerror(err));
}

void dt_begin(void *fdt, const char *fmt, ...)
{
	char name[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	check(fdt_begin_node(fdt, name));
}

void dt_end(void *fdt)
{
	check(fdt_end_node(fdt));
}

void dt_flag(void *fdt, const char *name)
{
	check(fdt_property(fdt, name, NULL, 0));
}

void dt_string(void *fdt, const char *name, const char *value)
{
	check(fdt_property_string(fdt, name, value));
}

void dt_u64(void *fdt, const char *name, u64 value)
{
	check(fdt_property_u64(fdt, name, value));
}

void __dt_strings(void *fdt, const char *name, const char *const *values, size_t count)
{
	char list[128];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(values[i]) + 1;

		if (size > sizeof(list) - used)
			check(-FDT_ERR_NOSPACE);
		memcpy(list + used, values[i], size);
		used += size;
	}
	check(fdt_property(fdt, name, list, used));
}

void __dt_cells(void *fdt, const char *name, const u32 *cells, size_t count)
{
	void *value;

	check(fdt_property_placeholder(fdt, name, count * sizeof(u32), &value));
	for (size_t i = 0; i < count; i++)
		fdt32_st((u32 *)value + i, cells[i]);
}

void __dt_reg(void *fdt, const u64 *values, size_t count)
{
	void *value;

	check(fdt_property_placeholder(fdt, "reg", count * sizeof(u64), &value));
	for (size_t i = 0; i < count; i++)
		fdt64_st((char *)value + i * sizeof(u64), values[i]);
}

void dt_spi(void *fdt, unsigned int spi, u32 trigger)
{
	dt_cells(fdt, "interrupts", 0, spi, trigger);
}

/* MPIDR as KVM has it: sixteen CPUs at affinity level 0 */
static u32 cpu_affinity(unsigned int cpu)
{
	return (cpu & 0xf) | (cpu >> 4) << 8;
}

static void describe_chosen(void *fdt, const struct machine *machine)
{
	const struct options *opts = machine->opts;
	char bootargs[2048];
	char early[64] = "";
	u64 uart = UART_BASE;
	int n;

	/*
	 * Not yet told from the device tree, Linux takes the address as it is:
	 * in a realm that has to be the shared one.
	 */
	if (opts->realm)
		uart |= BIT_ULL(machine->ipa_bits - 1);
	if (opts->earlycon)
		snprintf(early, sizeof(early), "earlycon=pl011,mmio32,0x%llx ", uart);

	n = snprintf(bootargs, sizeof(bootargs), "%s%s%s", early,
		     opts->console == CONSOLE_VIRTIO ? "console=hvc0 " : "",
		     opts->append);
	if (n >= (int)sizeof(bootargs))
		die("the command line is longer than %zu characters", sizeof(bootargs) - 1);

	dt_begin(fdt, "chosen");
	dt_string(fdt, "bootargs", bootargs);
	if (opts->console == CONSOLE_UART) {
		char path[32];

		snprintf(path, sizeof(path), "/uart@%llx", UART_BASE);
		dt_string(fdt, "stdout-path", path);
	}
	if (machine->initrd_size) {
		dt_u64(fdt, "linux,initrd-start", machine->initrd);
		dt_u64(fdt, "linux,initrd-end", machine->initrd + machine->initrd_size);
	}
	dt_end(fdt);
}

static void describe_memory(void *fdt, const struct options *opts)
{
	dt_begin(fdt, "memory@%llx", RAM_BASE);
	dt_string(fdt, "device_type", "memory");
	dt_reg(fdt, RAM_BASE, opts->mem);
	dt_end(fdt);
}

static void describe_cpus(void *fdt, const struct options *opts)
{
	dt_begin(fdt, "cpus");
	dt_cells(fdt, "#address-cells", 1);
	dt_cells(fdt, "#size-cells", 0);
	for (unsigned int i = 0; i < opts->cpus; i++) {
		dt_begin(fdt, "cpu@%x", cpu_affinity(i));
		dt_string(fdt, "device_type", "cpu");
		dt_string(fdt, "compatible", "arm,armv8");
		dt_cells(fdt, "reg", cpu_affinity(i));
		dt_string(fdt, "enable-method", "psci");
		dt_end(fdt);
	}
	dt_end(fdt);
}

/* A realm calls its RMM, which handles PSCI; other guests call KVM. */
static void describe_psci(void *fdt, const struct options *opts)
{
	dt_begin(fdt, "psci");
	dt_strings(fdt, "compatible", "arm,psci-1.0", "arm,psci-0.2");
	dt_string(fdt, "method", opts->realm ? "smc" : "hvc");
	dt_end(fdt);
}

static void describe_timer(void *fdt)
{
	dt_begin(fdt, "timer");
	dt_string(fdt, "compatible", "arm,armv8-timer");
	/* PPIs: secure, physical, virtual, hypervisor */
	dt_cells(fdt, "interrupts",
		 1, 13, DT_IRQ_LEVEL, 1, 14, DT_IRQ_LEVEL,
		 1, 11, DT_IRQ_LEVEL, 1, 10, DT_IRQ_LEVEL);
	dt_flag(fdt, "always-on");
	dt_end(fdt);
}

static void describe_gic(void *fdt, const struct machine *machine)
{
	dt_begin(fdt, "interrupt-controller@%llx", GICD_BASE);
	dt_string(fdt, "compatible", "arm,gic-v3");
	dt_cells(fdt, "#interrupt-cells", 3);
	dt_flag(fdt, "interrupt-controller");
	dt_cells(fdt, "phandle", PHANDLE_GIC);
	dt_reg(fdt, GICD_BASE, GICD_SIZE, GICR_BASE, GICR_SIZE * machine->opts->cpus);
	if (machine->its) {
		dt_cells(fdt, "#address-cells", 2);
		dt_cells(fdt, "#size-cells", 2);
		dt_flag(fdt, "ranges");
		dt_begin(fdt, "msi-controller@%llx", ITS_BASE);
		dt_string(fdt, "compatible", "arm,gic-v3-its");
		dt_flag(fdt, "msi-controller");
		dt_cells(fdt, "#msi-cells", 1);
		dt_reg(fdt, ITS_BASE, ITS_SIZE);
		dt_end(fdt);
	}
	dt_end(fdt);
}

/**
 * devicetree_build() - Make the device tree
 * @fdt: where it goes
 * @size: room there, in bytes
 * @machine: what to describe, beside all devices that were added
 *
 * Return: its size in bytes.
 */
size_t devicetree_build(void *fdt, size_t size, const struct machine *machine)
{
	const struct device *dev;

	check(fdt_create(fdt, size));
	check(fdt_finish_reservemap(fdt));
	dt_begin(fdt, "%s", "");
	dt_string(fdt, "compatible", "linux,dummy-virt");
	dt_string(fdt, "model", machine->opts->realm ? "realmrun realm" : "realmrun");
	dt_cells(fdt, "#address-cells", 2);
	dt_cells(fdt, "#size-cells", 2);
	dt_cells(fdt, "interrupt-parent", PHANDLE_GIC);

	describe_chosen(fdt, machine);
	describe_memory(fdt, machine->opts);
	describe_cpus(fdt, machine->opts);
	describe_psci(fdt, machine->opts);
	describe_timer(fdt);
	describe_gic(fdt, machine);
	for (unsigned int n = 0; (dev = device_nth(n)); n++)
		dev->describe(dev, fdt);

	dt_end(fdt);
	check(fdt_finish(fdt));
	return fdt_totalsize(fdt);
}
