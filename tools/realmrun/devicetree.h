/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REALMRUN_DEVICETREE_H
#define REALMRUN_DEVICETREE_H

#include "options.h"
#include "types.h"

enum {
	PHANDLE_GIC = 1,
	PHANDLE_CLOCK,
};

enum {
	DT_IRQ_EDGE	= 1,
	DT_IRQ_LEVEL	= 4,
};

/**
 * struct machine - what a device tree says beside the devices
 * @opts:	What the command line asks for.
 * @ipa_bits:	Size of the IPA space; in a realm its top bit is the shared bit.
 * @its:	There is an ITS.
 * @initrd:	GPA of the initial RAM disk.
 * @initrd_size: Its size in bytes; 0 if there is none.
 */
struct machine {
	const struct options *opts;
	unsigned int ipa_bits;
	bool its;
	u64 initrd;
	u64 initrd_size;
};

#define DEVICETREE_SIZE		SZ_64K

size_t devicetree_build(void *fdt, size_t size, const struct machine *machine);

/* For a device to describe itself with. All end the process if there is no room. */
void dt_begin(void *fdt, const char *fmt, ...) __printf(2, 3);
void dt_end(void *fdt);
void dt_flag(void *fdt, const char *name);
void dt_string(void *fdt, const char *name, const char *value);
void dt_u64(void *fdt, const char *name, u64 value);
void dt_spi(void *fdt, unsigned int spi, u32 trigger);
void __dt_strings(void *fdt, const char *name, const char *const *values, size_t count);
void __dt_cells(void *fdt, const char *name, const u32 *cells, size_t count);
void __dt_reg(void *fdt, const u64 *values, size_t count);

#define dt_strings(fdt, name, ...) do {					\
	static const char *const _values[] = { __VA_ARGS__ };		\
	__dt_strings(fdt, name, _values, ARRAY_SIZE(_values));		\
} while (0)

#define dt_cells(fdt, name, ...) do {					\
	const u32 _cells[] = { __VA_ARGS__ };				\
	__dt_cells(fdt, name, _cells, ARRAY_SIZE(_cells));		\
} while (0)

/* Pairs of base and size */
#define dt_reg(fdt, ...) do {						\
	const u64 _values[] = { __VA_ARGS__ };				\
	__dt_reg(fdt, _values, ARRAY_SIZE(_values));			\
} while (0)

#endif /* REALMRUN_DEVICETREE_H */
