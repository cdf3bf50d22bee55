// SPDX-License-Identifier: GPL-2.0-only
/*
 * Granule protection table, 4 KB granules. A level 0 entry covers 1 GB: the first four, devices
 * and DRAM, have level 1 tables; above is Non-secure (PCIe windows, DRAM beyond what -m 3G gives)
 * and cannot be delegated.
 */
#include <linux/bits.h>
#include <memmap.h>
#include <spinlock.h>
#include <sysreg.h>
#include <el3_rmm.h>
#include "el3.h"

#define GPI_NS			ULL(0x9)
#define GPI_ROOT		ULL(0xa)
#define GPI_REALM		ULL(0xb)
#define GPI_ANY			ULL(0xf)
#define GPI_BITS		4

#define L0_BLOCK(gpi)		(ULL(1) | ((gpi) << 4))
#define L0_TABLE(pa)		(ULL(3) | (pa))
#define L0_SHIFT		30

/* An L1 entry holds the GPIs of 16 granules. */
#define L1_SHIFT		16
#define L1_ENTRIES		BIT(L0_SHIFT - L1_SHIFT)
#define L1_TABLES		4
#define L1_FILL(gpi)		((gpi) * ULL(0x1111111111111111))

/* GPCCR_EL3: 40-bit PPS, write-back inner-shareable walks, 4 KB, 1 GB per level 0 entry, on */
#define GPCCR_PPS_40		ULL(2)
#define GPCCR_IRGN_WB		(ULL(1) << 8)
#define GPCCR_ORGN_WB		(ULL(1) << 10)
#define GPCCR_SH_INNER		(ULL(3) << 12)
#define GPCCR_GPC		BIT_ULL(16)
#define GPCCR_VALUE		(GPCCR_PPS_40 | GPCCR_IRGN_WB | GPCCR_ORGN_WB | GPCCR_SH_INNER | \
				 GPCCR_GPC)
#define L0_ENTRIES		BIT(40 - L0_SHIFT)

/* Physical address space of the operand of DC CIPAPA */
#define CIPAPA_NS		BIT_ULL(63)
#define CIPAPA_REALM		(BIT_ULL(63) | BIT_ULL(62))

static u64 level0[L0_ENTRIES] __aligned(L0_ENTRIES * 8);
static u64 level1[L1_TABLES][L1_ENTRIES] __aligned(L1_ENTRIES * 8);
static spinlock_t gpt_lock = SPINLOCK_INIT;

static const struct {
	phys_addr_t base;
	size_t size;
	u64 gpi;
} layout[] = {
	{ FLASH_BASE, FLASH_SIZE, GPI_ROOT },
	/* The GIC tells the host's accesses from EL3's by their address space. */
	{ GICD_BASE, SZ_64K, GPI_ANY },
	{ GICR_BASE, MAX_CPUS * GICR_STRIDE, GPI_ANY },
	{ UART1_BASE, SZ_4K, GPI_ROOT },
	{ SECURE_GPIO_BASE, SZ_4K, GPI_ROOT },
	{ SRAM_BASE, SRAM_SIZE, GPI_ROOT },
	{ RMM_BASE, RMM_SIZE, GPI_REALM },
};

static u64 *l1_entry(phys_addr_t pa)
{
	return &level1[pa >> L0_SHIFT][(pa >> L1_SHIFT) % L1_ENTRIES];
}

static unsigned int gpi_shift(phys_addr_t pa)
{
	return (pa / SZ_4K % 16) * GPI_BITS;
}

static u64 get_gpi(phys_addr_t pa)
{
	return (*l1_entry(pa) >> gpi_shift(pa)) & 0xf;
}

/* One 64-bit store: the walker never sees half a change. */
static void set_gpi(phys_addr_t pa, u64 gpi)
{
	u64 *entry = l1_entry(pa);
	u64 value = *entry;

	value &= ~(ULL(0xf) << gpi_shift(pa));
	value |= gpi << gpi_shift(pa);
	WRITE_ONCE(*entry, value);
}

void gpt_build(void)
{
	for (unsigned int i = 0; i < L1_TABLES; i++) {
		level0[i] = L0_TABLE((u64)level1[i]);
		for (unsigned int j = 0; j < L1_ENTRIES; j++)
			level1[i][j] = L1_FILL(GPI_NS);
	}
	for (unsigned int i = L1_TABLES; i < L0_ENTRIES; i++)
		level0[i] = L0_BLOCK(GPI_NS);

	for (unsigned int i = 0; i < ARRAY_SIZE(layout); i++) {
		for (size_t off = 0; off < layout[i].size; off += SZ_4K)
			set_gpi(layout[i].base + off, layout[i].gpi);
	}
	dsb(ish);
}

/* TLBI PAALL, TLBI RPALOS and DC CIPAPA by their encodings: the assembler may not know them. */
static void tlbi_paall(void)
{
	asm volatile("sys #6, c8, c7, #4" : : : "memory");
}

static void tlbi_rpalos_granule(phys_addr_t pa)
{
	/* SIZE 0: 4 KB; the address counts granules */
	asm volatile("sys #6, c8, c4, #7, %0" : : "r" (pa / SZ_4K) : "memory");
}

static void flush_to_popa(phys_addr_t pa, u64 space)
{
	unsigned long line = 4UL << ((read_sysreg(ctr_el0) >> 16) & 0xf);

	for (unsigned long off = 0; off < SZ_4K; off += line)
		asm volatile("sys #6, c7, c14, #1, %0" : : "r" ((pa + off) | space) : "memory");
	dsb(osh);
}

void gpt_enable(void)
{
	write_sysreg((u64)level0 >> 12, GPTBR_EL3);
	isb();
	tlbi_paall();
	dsb(sy);
	isb();
	write_sysreg(GPCCR_VALUE, GPCCR_EL3);
	isb();
	tlbi_paall();
	dsb(sy);
	isb();
}

/* All DRAM but what the firmware keeps; the devicetree's is the host's to use again. */
static bool can_be_delegated(phys_addr_t pa)
{
	return IS_ALIGNED(pa, SZ_4K) && pa >= DRAM_BASE && pa - DRAM_BASE < machine.dram_size &&
	       (pa < RMM_BASE || pa >= TEST_CONTROL_BASE + TEST_CONTROL_SIZE);
}

/* Change a granule from @from to @to; after that no CPU reaches it in the old address space. */
static long change_gpi(phys_addr_t pa, u64 from, u64 to)
{
	long ret = E_RMM_BAD_PAS;

	if (!can_be_delegated(pa))
		return E_RMM_BAD_ADDR;

	spin_lock(&gpt_lock);
	if (get_gpi(pa) == from) {
		set_gpi(pa, to);
		dsb(oshst);
		tlbi_rpalos_granule(pa);
		dsb(osh);
		ret = E_RMM_OK;
	}
	spin_unlock(&gpt_lock);

	return ret;
}

/**
 * gpt_delegate() - move a granule from the Non-secure to the Realm address space
 * @pa: its address
 *
 * What the host's caches hold of it is written back and gone, so that no old line can reach
 * memory the realm has written since.
 *
 * Return: an E_RMM_* value
 */
long gpt_delegate(phys_addr_t pa)
{
	long ret = change_gpi(pa, GPI_NS, GPI_REALM);

	if (ret == E_RMM_OK)
		flush_to_popa(pa, CIPAPA_NS);

	return ret;
}

/**
 * gpt_undelegate() - give a granule back to the Non-secure address space
 * @pa: its address
 *
 * The RMM has wiped it: that must be in memory before the host can look, and no line of it may
 * stay for a later delegation to hit.
 *
 * Return: an E_RMM_* value
 */
long gpt_undelegate(phys_addr_t pa)
{
	long ret;

	if (can_be_delegated(pa))
		flush_to_popa(pa, CIPAPA_REALM);

	ret = change_gpi(pa, GPI_REALM, GPI_NS);
	if (ret == E_RMM_OK)
		flush_to_popa(pa, CIPAPA_REALM);

	return ret;
}
