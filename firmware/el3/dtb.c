// SPDX-License-Identifier: GPL-2.0-only
/*
 * The devicetree QEMU has left at the start of DRAM: read what the monitor wants to know, then make
 * it tell the host of PSCI and of the memory that is not the host's, and no longer of devices
 * that only the secure world reaches.
 */
#include <libfdt.h>
#include <memmap.h>
#include <string.h>
#include "el3.h"

static void *const dtb = (void *)DTB_BASE;

struct machine machine;

static int must(int ret, const char *what)
{
	if (ret < 0)
		panic("devicetree: %s: error %d", what, ret);
	return ret;
}

static unsigned int count_cpus(void)
{
	int cpus = must(fdt_path_offset(dtb, "/cpus"), "/cpus");
	unsigned int n = 0;
	int node;

	fdt_for_each_subnode(node, dtb, cpus) {
		const char *type = fdt_getprop(dtb, node, "device_type", NULL);

		if (type && !strcmp(type, "cpu"))
			n++;
	}

	return n;
}

/* The bank that begins at DRAM_BASE; the root node's cells are 2 and 2 on this machine. */
static u64 read_dram_size(void)
{
	int node = -1;

	for (;;) {
		const fdt64_t *reg;
		int len;

		node = fdt_node_offset_by_prop_value(dtb, node, "device_type", "memory",
						     sizeof("memory"));
		must(node, "memory node");
		reg = fdt_getprop(dtb, node, "reg", &len);
		if (reg && len >= 16 && fdt64_to_cpu(reg[0]) == DRAM_BASE)
			return fdt64_to_cpu(reg[1]);
	}
}

void dtb_read(void)
{
	must(fdt_check_header(dtb), "header");
	machine.nr_cpus = count_cpus();
	machine.dram_size = min(read_dram_size(), (u64)DRAM_SIZE);
}

static void add_psci(void)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";
	int node = must(fdt_add_subnode(dtb, 0, "psci"), "psci");

	must(fdt_setprop(dtb, node, "compatible", compatible, sizeof(compatible)), "psci");
	must(fdt_setprop_string(dtb, node, "method", "smc"), "psci");
}

/* Setting a property moves what follows it: find each CPU anew. */
static void set_enable_methods(void)
{
	int node = -1;

	while ((node = fdt_node_offset_by_prop_value(dtb, node, "device_type", "cpu",
						     sizeof("cpu"))) >= 0)
		must(fdt_setprop_string(dtb, node, "enable-method", "psci"), "enable-method");
}

static void reserve(const char *name, const char *compatible, u64 base, u64 size)
{
	int parent = must(fdt_path_offset(dtb, "/reserved-memory"), name);
	int node = must(fdt_add_subnode(dtb, parent, name), name);

	if (compatible)
		must(fdt_setprop_string(dtb, node, "compatible", compatible), name);
	must(fdt_setprop_u64(dtb, node, "reg", base), name);
	must(fdt_appendprop_u64(dtb, node, "reg", size), name);
	must(fdt_setprop_empty(dtb, node, "no-map"), name);
}

static void add_reserved_memory(void)
{
	int node = must(fdt_add_subnode(dtb, 0, "reserved-memory"), "reserved-memory");

	must(fdt_setprop_u32(dtb, node, "#address-cells", 2), "reserved-memory");
	must(fdt_setprop_u32(dtb, node, "#size-cells", 2), "reserved-memory");
	must(fdt_setprop_empty(dtb, node, "ranges"), "reserved-memory");

	reserve("rmm@40100000", NULL, RMM_BASE, RMM_SIZE);
	if (rmm_present())
		reserve("test-control@41fff000", "realm-mmio,test-control",
			TEST_CONTROL_BASE, TEST_CONTROL_SIZE);
}

/* A device of the secure world says so itself: status for all others is not "okay". */
static bool is_secure_only(int node)
{
	const char *status = fdt_getprop(dtb, node, "status", NULL);
	const char *secure_status = fdt_getprop(dtb, node, "secure-status", NULL);

	return status && !strcmp(status, "disabled") &&
	       secure_status && !strcmp(secure_status, "okay");
}

static void remove_secure_devices(void)
{
	int node = fdt_next_node(dtb, -1, NULL);
	int secure_chosen;

	while (node >= 0) {
		if (is_secure_only(node)) {
			must(fdt_del_node(dtb, node), "secure device");
			node = -1;
		}
		node = fdt_next_node(dtb, node, NULL);
	}

	secure_chosen = fdt_path_offset(dtb, "/secure-chosen");
	if (secure_chosen >= 0)
		must(fdt_del_node(dtb, secure_chosen), "secure-chosen");
}

void dtb_fix_up(void)
{
	must(fdt_open_into(dtb, dtb, DTB_SIZE), "room");
	remove_secure_devices();
	add_psci();
	set_enable_methods();
	add_reserved_memory();
	must(fdt_pack(dtb), "pack");

	/* The host reads it before it has caches. */
	clean_to_poc(DTB_BASE, fdt_totalsize(dtb));
}
