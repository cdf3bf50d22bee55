// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 1 of the RMM: a static map of the image, of all DRAM as Realm memory one to one,
 * and of all DRAM as Non-secure memory at NS_VA_BASE (ns.h).
 *
 * A static map of memory that changes its PAS is harmless: an access through the wrong
 * alias is a granule protection fault, a speculative one has no effect.
 *
 * mmu_init() runs with the MMU off: no atomics, no unaligned accesses, no string functions.
 */
#include <linux/bitfield.h>
#include <console.h>
#include <sysreg.h>
#include "cpu.h"
#include "granule.h"
#include "rmm.h"

#define PTRS			512
#define NR_TABLES		64
#define LEVEL_SHIFT(l)		(GRANULE_SHIFT + 9 * (3 - (l)))

#define PTE_TABLE		ULL(3)
#define PTE_BLOCK		ULL(1)
#define PTE_PAGE		ULL(3)
#define PTE_ADDR		GENMASK_ULL(47, 12)
#define PTE_NS			BIT_ULL(5)
#define PTE_RO			BIT_ULL(7)
#define PTE_SH_INNER		(ULL(3) << 8)
#define PTE_AF			BIT_ULL(10)
#define PTE_PXN			BIT_ULL(53)
#define PTE_UXN			BIT_ULL(54)

/* Attribute 0: Normal, write-back */
#define MAIR_RMM		ULL(0xff)
#define ATTR_NORMAL		(PTE_SH_INNER | PTE_AF | PTE_UXN)
#define ATTR_CODE		(ATTR_NORMAL | PTE_RO)
#define ATTR_RODATA		(ATTR_NORMAL | PTE_RO | PTE_PXN)
#define ATTR_DATA		(ATTR_NORMAL | PTE_PXN)
#define ATTR_NS			(ATTR_DATA | PTE_NS)

/* 48-bit VA below, nothing above; walks write-back, inner shareable, 4 KB granule */
#define TCR_T0SZ		ULL(16)
#define TCR_IRGN0_WB		(ULL(1) << 8)
#define TCR_ORGN0_WB		(ULL(1) << 10)
#define TCR_SH0_INNER		(ULL(3) << 12)
#define TCR_T1SZ		(ULL(16) << 16)
#define TCR_EPD1		BIT_ULL(23)
#define TCR_TG1_4K		(ULL(2) << 30)
#define TCR_IPS			GENMASK_ULL(34, 32)
#define TCR_RMM			(TCR_T0SZ | TCR_IRGN0_WB | TCR_ORGN0_WB | TCR_SH0_INNER | \
				 TCR_T1SZ | TCR_EPD1 | TCR_TG1_4K)
#define PARANGE_48		ULL(5)

#define SCTLR_C			BIT_ULL(2)
#define SCTLR_SA		BIT_ULL(3)
#define SCTLR_ITD		BIT_ULL(7)
#define SCTLR_SED		BIT_ULL(8)
#define SCTLR_EOS		BIT_ULL(11)
#define SCTLR_I			BIT_ULL(12)
#define SCTLR_WXN		BIT_ULL(19)
#define SCTLR_EIS		BIT_ULL(22)
#define SCTLR_SPAN		BIT_ULL(23)
#define SCTLR_NTLSMD		BIT_ULL(28)
#define SCTLR_LSMAOE		BIT_ULL(29)
/* TSCXT is clear: QEMU then lets realms use SCXTNUM_EL1; the architecture does in any case. */
#define SCTLR_RMM		(SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_ITD | SCTLR_SED | \
				 SCTLR_EOS | SCTLR_I | SCTLR_WXN | SCTLR_EIS | \
				 SCTLR_SPAN | SCTLR_NTLSMD | SCTLR_LSMAOE)

static u64 tables[NR_TABLES][PTRS] __aligned(GRANULE_SIZE);
static unsigned int nr_tables = 1;	/* tables[0] is level 0 */

static u64 *next_table(u64 *entry)
{
	if (!*entry) {
		if (nr_tables == NR_TABLES)
			panic("out of translation tables");
		*entry = (u64)tables[nr_tables++] | PTE_TABLE;
	}
	return (u64 *)(*entry & PTE_ADDR);
}

/* Map as much as one entry can hold; returns how much that was. */
static unsigned long map_one(u64 va, u64 pa, unsigned long size, u64 attr)
{
	u64 *table = tables[0];
	int level;

	for (level = 0; level < 3; level++) {
		u64 *entry = &table[(va >> LEVEL_SHIFT(level)) % PTRS];
		unsigned long span = 1UL << LEVEL_SHIFT(level);

		if (level > 0 && !*entry && size >= span && IS_ALIGNED(va | pa, (u64)span)) {
			*entry = pa | attr | PTE_BLOCK;
			return span;
		}
		table = next_table(entry);
	}

	table[(va >> LEVEL_SHIFT(3)) % PTRS] = pa | attr | PTE_PAGE;
	return GRANULE_SIZE;
}

static void map(u64 va, u64 pa, unsigned long size, u64 attr)
{
	while (size) {
		unsigned long done = map_one(va, pa, size, attr);

		va += done;
		pa += done;
		size -= done;
	}
}

static void map_range(u64 start, u64 end, u64 attr)
{
	map(start, start, end - start, attr);
}

/* What lies below a stack is not mapped: one that overflows does not reach the next. */
static void map_stacks(void)
{
	for (unsigned int cpu = 0; cpu < RMM_MAX_CPUS; cpu++) {
		u64 top = (u64)rmm_stacks + (cpu + 1) * RMM_STACK_STRIDE;

		map_range(top - RMM_STACK_SIZE, top, ATTR_DATA);
	}
}

/* What was written without caches must not be hidden by stale lines. */
static void clean_tables(void)
{
	for (u64 p = (u64)tables; p < (u64)tables + sizeof(tables); p += 16)
		dc(civac, p);
	dsb(sy);
}

void mmu_init(const struct el3_rmm_manifest *manifest)
{
	u64 dram_end = manifest->dram_base + manifest->dram_size;
	u64 rmm_end = manifest->rmm_base + manifest->rmm_size;

	map_range((u64)__image_start, (u64)__text_end, ATTR_CODE);
	map_range((u64)__text_end, (u64)__rodata_end, ATTR_RODATA);
	map_range((u64)__rodata_end, (u64)rmm_stacks, ATTR_DATA);
	map_stacks();
	map_range((u64)rmm_stacks_end, rmm_end, ATTR_DATA);
	map_range(manifest->dram_base, manifest->rmm_base, ATTR_DATA);
	map_range(rmm_end, dram_end, ATTR_DATA);
	map(NS_VA_BASE + manifest->dram_base, manifest->dram_base, manifest->dram_size, ATTR_NS);
	clean_tables();
}

void mmu_enable(void)
{
	u64 parange = read_sysreg(id_aa64mmfr0_el1) & 0xf;

	write_sysreg(MAIR_RMM, mair_el2);
	write_sysreg(TCR_RMM | FIELD_PREP(TCR_IPS, min(parange, PARANGE_48)), tcr_el2);
	write_sysreg((u64)tables[0], ttbr0_el2);
	isb();
	tlbi(alle2);
	dsb(nsh);
	isb();
	write_sysreg(SCTLR_RMM, sctlr_el2);
	isb();
}
