// SPDX-License-Identifier: GPL-2.0-only

#include <string.h>

#include <libfdt.h>

#include "../device.h"
#include "../devicetree.h"
#include "test.h"

static char fdt[DEVICETREE_SIZE];

static void describe(const struct device *dev, void *to)
{
	dt_begin(to, "thing@%llx", dev->base);
	dt_reg(to, dev->base, dev->size);
	dt_spi(to, dev->spi, DT_IRQ_EDGE);
	dt_end(to);
}

static struct device thing = {
	.name		= "thing",
	.base		= 0xb000000,
	.size		= 0x1000,
	.spi		= 7,
	.describe	= describe,
};

static const void *property(const char *path, const char *name, int *size)
{
	int node = fdt_path_offset(fdt, path);
	const void *value = node < 0 ? NULL : fdt_getprop(fdt, node, name, size);

	if (!value) {
		char what[128];

		snprintf(what, sizeof(what), "%s: no %s", path, name);
		expect_failed(__FILE__, __LINE__, what);
		*size = 0;
	}
	return value;
}

/* A property as the dtc would print it: "<...>" in hex, or the string */
static bool is_string(const char *path, const char *name, const char *want)
{
	int size;
	const char *value = property(path, name, &size);

	return value && size == (int)strlen(want) + 1 && !strcmp(value, want);
}

static bool is_cells(const char *path, const char *name, const u32 *want, int count)
{
	int size;
	const void *value = property(path, name, &size);

	if (!value || size != count * 4)
		return false;
	for (int i = 0; i < count; i++) {
		if (fdt32_ld((const fdt32_t *)value + i) != want[i])
			return false;
	}
	return true;
}

#define cells(path, name, ...) ({					\
	const u32 _want[] = { __VA_ARGS__ };				\
	is_cells(path, name, _want, ARRAY_SIZE(_want));			\
})

static void test_realm(void)
{
	struct options opts = {
		.realm		= true,
		.cpus		= 18,
		.mem		= 3 * 1024 * SZ_1M,
		.append		= "a b",
		.earlycon	= true,
	};
	const struct machine machine = {
		.opts		= &opts,
		.ipa_bits	= 34,
		.its		= true,
		.initrd		= 0x41000000,
		.initrd_size	= 0x123,
	};
	size_t size = devicetree_build(fdt, sizeof(fdt), &machine);

	expect_eq(size, fdt_totalsize(fdt));
	expect(!fdt_check_header(fdt));
	expect(is_string("/psci", "method", "smc"));
	/* The shared bit of 34 bits is bit 33 */
	expect(is_string("/chosen", "bootargs", "earlycon=pl011,mmio32,0x209000000 a b"));
	expect(is_string("/chosen", "stdout-path", "/uart@9000000"));
	expect(cells("/chosen", "linux,initrd-start", 0, 0x41000000));
	expect(cells("/chosen", "linux,initrd-end", 0, 0x41000123));
	expect(cells("/memory@40000000", "reg", 0, 0x40000000, 0, 0xc0000000));
	expect(cells("/cpus/cpu@0", "reg", 0));
	expect(cells("/cpus/cpu@f", "reg", 0xf));
	expect(cells("/cpus/cpu@101", "reg", 0x101));
	expect(fdt_path_offset(fdt, "/cpus/cpu@102") < 0);
	expect(cells("/interrupt-controller@8000000", "reg",
		     0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 18 * 0x20000));
	expect(cells("/interrupt-controller@8000000/msi-controller@8080000", "reg",
		     0, 0x8080000, 0, 0x20000));
	expect(cells("/thing@b000000", "reg", 0, 0xb000000, 0, 0x1000));
	expect(cells("/thing@b000000", "interrupts", 0, 7, 1));
}

static void test_normal(void)
{
	struct options opts = { .cpus = 1, .mem = 64 * SZ_1M, .append = "x",
				.console = CONSOLE_VIRTIO, .earlycon = true };
	const struct machine machine = { .opts = &opts, .ipa_bits = 32 };

	devicetree_build(fdt, sizeof(fdt), &machine);
	expect(is_string("/psci", "method", "hvc"));
	expect(is_string("/chosen", "bootargs",
			 "earlycon=pl011,mmio32,0x9000000 console=hvc0 x"));
	expect(!fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"), "linux,initrd-start", NULL));
	expect(fdt_path_offset(fdt, "/interrupt-controller@8000000/msi-controller@8080000") < 0);
}

/* It is measured: the same options have to make the same tree */
static void test_same(void)
{
	static char again[DEVICETREE_SIZE];
	struct options opts = { .realm = true, .cpus = 2, .mem = 64 * SZ_1M, .append = "" };
	const struct machine machine = { .opts = &opts, .ipa_bits = 33 };
	size_t size;

	memset(fdt, 0x55, sizeof(fdt));
	memset(again, 0xaa, sizeof(again));
	size = devicetree_build(fdt, sizeof(fdt), &machine);
	expect_eq(devicetree_build(again, sizeof(again), &machine), size);
	expect(!memcmp(fdt, again, size));
}

void test_devicetree(void)
{
	device_add(&thing);
	test_realm();
	test_normal();
	test_same();
}
