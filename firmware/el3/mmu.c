// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's address space: an identity map of the low 4 GB with 4 KB pages where needed. Each
 * region is mapped in the physical address space it belongs to; memory that the host may delegate
 * is not mapped at all but for what boot needs of it.
 */
#include <linux/bits.h>
#include <memmap.h>
#include <string.h>
#include <sysreg.h>
#include "el3.h"

/* Stage 1 descriptors at EL3 */
#define PTE_VALID		BIT_ULL(0)
#define PTE_TABLE		BIT_ULL(1)	/* a table; at level 3: a page */
#define PTE_ATTR_DEVICE		(ULL(0) << 2)
#define PTE_ATTR_NORMAL		(ULL(1) << 2)
#define PTE_NS			BIT_ULL(5)
#define PTE_AP_RES1		BIT_ULL(6)
#define PTE_RO			BIT_ULL(7)
#define PTE_SH_INNER		(ULL(3) << 8)
#define PTE_AF			BIT_ULL(10)
#define PTE_NSE			BIT_ULL(11)
#define PTE_XN			BIT_ULL(54)

#define PTE_PAS_ROOT		PTE_NSE
#define PTE_PAS_NS		PTE_NS
#define PTE_PAS_REALM		(PTE_NS | PTE_NSE)

#define PTE_BASE		(PTE_VALID | PTE_AP_RES1 | PTE_AF)
#define MAP_CODE		(PTE_BASE | PTE_ATTR_NORMAL | PTE_SH_INNER | PTE_PAS_ROOT | PTE_RO)
#define MAP_RODATA		(MAP_CODE | PTE_XN)
#define MAP_DATA		(MAP_RODATA & ~PTE_RO)
#define MAP_NS_DATA		((MAP_DATA & ~PTE_PAS_ROOT) | PTE_PAS_NS)
#define MAP_REALM_DATA		(MAP_DATA | PTE_PAS_REALM)
#define MAP_ROOT_DEVICE		(PTE_BASE | PTE_ATTR_DEVICE | PTE_PAS_ROOT | PTE_XN)
#define MAP_NS_DEVICE		(PTE_BASE | PTE_ATTR_DEVICE | PTE_PAS_NS | PTE_XN)

/* Attr0 Device-nGnRE, Attr1 Normal write-back */
#define MAIR_VALUE		ULL(0xff04)
/* 4 GB, 4 KB granule, write-back inner-shareable walks, 32-bit output */
#define TCR_EL3_RES1		(BIT_ULL(31) | BIT_ULL(23))
#define TCR_VALUE		(TCR_EL3_RES1 | (ULL(3) << 12) | (ULL(1) << 10) | \
				 (ULL(1) << 8) | 32)
/* RES1, I, SA, C, M, WXN */
#define SCTLR_VALUE		(ULL(0x30c50830) | BIT_ULL(19) | BIT_ULL(12) | BIT_ULL(3) | \
				 BIT_ULL(2) | BIT_ULL(0))

#define PTRS			512
#define NR_TABLES		12

extern char __image_start[], __text_end[], __rodata_end[], __image_end[];

static u64 level1[4] __aligned(64);
static u64 tables[NR_TABLES][PTRS] __aligned(SZ_4K);
static unsigned int nr_tables;

static const struct {
	unsigned long start, end;
	u64 attr;
} regions[] = {
	{ FLASH_BASE, FLASH_BASE + FLASH_SIZE, MAP_RODATA },
	{ GICD_BASE, GICD_BASE + SZ_64K, MAP_ROOT_DEVICE },
	{ GICR_BASE, GICR_BASE + MAX_CPUS * GICR_STRIDE, MAP_ROOT_DEVICE },
	{ UART0_BASE, UART0_BASE + SZ_4K, MAP_NS_DEVICE },
	{ UART1_BASE, UART1_BASE + SZ_4K, MAP_ROOT_DEVICE },
	{ SECURE_GPIO_BASE, SECURE_GPIO_BASE + SZ_4K, MAP_ROOT_DEVICE },
	{ (unsigned long)__image_start, (unsigned long)__text_end, MAP_CODE },
	{ (unsigned long)__text_end, (unsigned long)__rodata_end, MAP_RODATA },
	{ (unsigned long)__rodata_end, (unsigned long)el3_stacks, MAP_DATA },
	{ (unsigned long)el3_stacks_end, (unsigned long)__image_end, MAP_DATA },
	{ DTB_BASE, DTB_BASE + DTB_SIZE, MAP_NS_DATA },
	{ RMM_BASE, RMM_BASE + RMM_SIZE, MAP_REALM_DATA },
	{ TEST_CONTROL_BASE, TEST_CONTROL_BASE + TEST_CONTROL_SIZE, MAP_NS_DATA },
};

/* Address bits an entry of a level resolves */
static unsigned int level_shift(unsigned int level)
{
	return 12 + 9 * (3 - level);
}

static u64 *next_table(u64 *entry)
{
	if (!*entry) {
		assert(nr_tables < NR_TABLES);
		*entry = (u64)tables[nr_tables++] | PTE_TABLE | PTE_VALID;
	}

	return (u64 *)ALIGN_DOWN(*entry, SZ_4K);
}

/* Map what is left of a region from @addr on with the largest entry that fits; returns its size. */
static u64 map_one(u64 addr, u64 end, u64 attr)
{
	u64 *table = level1;
	unsigned int level;

	for (level = 1; ; level++) {
		u64 size = BIT_ULL(level_shift(level));
		u64 *entry = &table[(addr >> level_shift(level)) % PTRS];

		if (level > 1 && IS_ALIGNED(addr, size) && end - addr >= size) {
			*entry = addr | attr | (level == 3 ? PTE_TABLE : 0);
			return size;
		}
		table = next_table(entry);
	}
}

static void map_region(u64 addr, u64 end, u64 attr)
{
	while (addr < end)
		addr += map_one(addr, end, attr);
}

/* What lies below a stack is not mapped: one that overflows does not reach the next. */
static void map_stacks(void)
{
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		u64 top = (u64)el3_stacks + (cpu + 1) * EL3_STACK_STRIDE;

		map_region(top - EL3_STACK_SIZE, top, MAP_DATA);
	}
}

void mmu_build(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(regions); i++)
		map_region(regions[i].start, regions[i].end, regions[i].attr);
	map_stacks();

	dsb(sy);
}

void mmu_enable(void)
{
	write_sysreg(MAIR_VALUE, mair_el3);
	write_sysreg(TCR_VALUE, tcr_el3);
	write_sysreg(level1, ttbr0_el3);
	isb();
	tlbi(alle3);
	dsb(nsh);
	isb();
	write_sysreg(SCTLR_VALUE, sctlr_el3);
	isb();
}

/* For whom reads the memory with the MMU off. */
void clean_to_poc(unsigned long addr, size_t size)
{
	/* CTR_EL0.DminLine: log2 of words in the smallest line */
	unsigned long line = 4UL << ((read_sysreg(ctr_el0) >> 16) & 0xf);
	unsigned long end = addr + size;

	for (addr = ALIGN_DOWN(addr, line); addr < end; addr += line)
		dc(civac, addr);
	dsb(sy);
}
