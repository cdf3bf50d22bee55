// SPDX-License-Identifier: GPL-2.0-only
/* The devicetree that the firmware hands to the host. */
#include <libfdt.h>
#include <string.h>
#include "control.h"
#include "harness.h"

/* Cells of addresses and sizes, of the root and of /reserved-memory: 2 on this machine */
static bool read_region(const void *dtb, int node, phys_addr_t *base, u64 *size)
{
	const fdt64_t *reg;
	int len;

	reg = fdt_getprop(dtb, node, "reg", &len);
	if (!reg || len < 16)
		return false;
	*base = fdt64_to_cpu(reg[0]);
	*size = fdt64_to_cpu(reg[1]);
	return true;
}

static bool has_string(const void *dtb, int node, const char *property, const char *want)
{
	const char *value = fdt_getprop(dtb, node, property, NULL);

	return value && !strcmp(value, want);
}

static void cpus_by_psci(void)
{
	const void *dtb = test_dtb();
	int psci = fdt_path_offset(dtb, "/psci");
	int node = -1;

	require(psci >= 0);
	check(!fdt_node_check_compatible(dtb, psci, "arm,psci-1.0"));
	check(!fdt_node_check_compatible(dtb, psci, "arm,psci-0.2"));
	check(has_string(dtb, psci, "method", "smc"));

	while ((node = fdt_node_offset_by_prop_value(dtb, node, "device_type", "cpu",
						     sizeof("cpu"))) >= 0)
		check(has_string(dtb, node, "enable-method", "psci"));
}

/* Is an address in a region that the host may not map? */
static bool is_reserved(const void *dtb, phys_addr_t pa)
{
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	phys_addr_t base;
	u64 size;
	int node;

	fdt_for_each_subnode(node, dtb, parent) {
		if (fdt_getprop(dtb, node, "no-map", NULL) &&
		    read_region(dtb, node, &base, &size) && pa >= base && pa - base < size)
			return true;
	}

	return false;
}

static bool probe(phys_addr_t pa)
{
	u64 esr;

	try_read(pa, &esr);
	if (!esr || is_reserved(test_dtb(), pa))
		return true;

	test_failed(__FILE__, __LINE__, "0x%lx is not the host's, and not reserved", pa);
	return false;
}

static void memory_is_reserved(void)
{
	int node = fdt_node_offset_by_prop_value(test_dtb(), -1, "device_type", "memory",
						 sizeof("memory"));
	phys_addr_t base;
	u64 size;

	require(read_region(test_dtb(), node, &base, &size));
	for (phys_addr_t pa = base; pa - base < size; pa += GRANULE_SIZE) {
		if (!probe(pa))
			return;
	}
}

/* The page itself says that it is there. */
static void control_is_told(void)
{
	const struct test_control *page = (void *)TEST_CONTROL_BASE;
	u64 esr;

	if (try_read(TEST_CONTROL_BASE, &esr) != TEST_CONTROL_MAGIC)
		skip_test("no test control page");

	check(test_control() == page);
	check(is_reserved(test_dtb(), TEST_CONTROL_BASE));
}

/* A device of the secure world says so: it is okay there, and disabled for all others. */
static void no_secure_devices(void)
{
	const void *dtb = test_dtb();
	phys_addr_t base;
	u64 size, esr;
	int node;

	for (node = fdt_next_node(dtb, -1, NULL); node >= 0; node = fdt_next_node(dtb, node, NULL))
		check(!has_string(dtb, node, "secure-status", "okay"));

	node = -1;
	while ((node = fdt_node_offset_by_compatible(dtb, node, "arm,primecell")) >= 0) {
		require(read_region(dtb, node, &base, &size));
		try_read(base, &esr);
		check_eq(esr, 0);
	}
	check(fdt_path_offset(dtb, "/secure-chosen") < 0);
}

const struct test el3_dtb_tests[] = {
	{ "each CPU is started with PSCI", cpus_by_psci },
	{ "memory that is not the host's is reserved", memory_is_reserved },
	{ "the test control page is told of", control_is_told },
	{ "devices of the secure world are not there", no_secure_devices },
	{ },
};
