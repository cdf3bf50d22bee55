// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulated accesses: aborts of a realm at an unprotected IPA, what the host learns of them,
 * and how it answers (DEN0137 A4.2.3, A4.3.4.3, A4.4).
 */
#include <sysreg.h>
#include "guest_access.h"
#include "realm_run.h"

/* A device's page; not mapped unless a test says so */
#define DEVICE_IPA		0x90000000UL

#define FSC_TRANSLATION		0x04
#define FSC_PERMISSION		0x0c
#define FSC_TYPE		0x3c
#define FSC_SEA			0x10

#define S2AP_READ		RMI_S2AP_DIRECT_READ
#define S2AP_READ_WRITE		(RMI_S2AP_DIRECT_READ | RMI_S2AP_DIRECT_WRITE)

/* All that the host may see of an emulatable abort */
#define ESR_EMULATABLE		(ESR_EC | ESR_ISV | ESR_SAS | ESR_SF | ESR_SET | ESR_FNV | \
				 ESR_EA | ESR_WNR | ESR_FSC)
#define ESR_NOT_EMULATABLE	(ESR_EC | ESR_IL | ESR_SET | ESR_FNV | ESR_EA | ESR_FSC)

/* Immediates of host calls */
#define READY			1

#define GARBAGE			0x1122334455667788ULL

static struct realm realm;

/* The guest gets the address by a host call, so that it need not know the IPA width. */
static u64 device(void)
{
	return guest_report(READY, 0);
}

static void boot_with_device(void (*fn)(unsigned long arg))
{
	boot(&realm, fn);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = realm_shared(&realm, DEVICE_IPA);
}

static unsigned long device_page(void)
{
	return realm_shared(&realm, DEVICE_IPA);
}

static u64 mask_of(unsigned int bytes)
{
	return ~0ULL >> (64 - 8 * bytes);
}

/* ---- every register, every instruction */

static const u64 patterns[] = {
	0, ~0ULL, 0x8000000080008080ULL, 0x7fffffff7fff7f7fULL, 0x0123456789abcdefULL,
};

static u64 pattern(unsigned int insn, unsigned int rt)
{
	return patterns[(insn * 7 + rt) % ARRAY_SIZE(patterns)];
}

/* What the architecture says a register holds after a load of @data */
static u64 loaded(const struct guest_insn *insn, u64 data)
{
	switch (insn->bytes | insn->sign << 4 | insn->wide << 5) {
	case 1 | 1 << 4:
		return (u32)(s8)data;
	case 1 | 1 << 4 | 1 << 5:
		return (s64)(s8)data;
	case 2 | 1 << 4:
		return (u32)(s16)data;
	case 2 | 1 << 4 | 1 << 5:
		return (s64)(s16)data;
	case 4 | 1 << 4 | 1 << 5:
		return (s64)(s32)data;
	default:
		return data & mask_of(insn->bytes);
	}
}

static u64 source_value(unsigned int i, unsigned int rt)
{
	return rt == 31 ? 0 : pattern(i, rt);
}

static void guest_all_registers(unsigned long arg)
{
	u64 addr = device();

	for (unsigned int i = 0; i < GUEST_NR_INSNS; i++) {
		for (unsigned int rt = 0; rt < 32; rt++) {
			const struct guest_insn *insn = &guest_insns[i];
			u64 before = insn->load ? GARBAGE : pattern(i, rt);
			u64 after = guest_access(insn->opcode, rt, addr + 8 * rt, before);

			if (rt == 31)
				guest_check_eq(after, 0);
			else if (insn->load)
				guest_check_eq(after, loaded(insn, pattern(i, rt)));
			else
				guest_check_eq(after, before);
		}
	}
}

static void check_emulatable(const struct rmi_rec_exit *exit, const struct guest_insn *insn,
			     unsigned int rt)
{
	require_data_abort(exit, device_page());
	check_eq(exit->esr & ~ESR_EMULATABLE, 0);
	check(exit->esr & ESR_ISV);
	check_eq(1U << FIELD_GET(ESR_SAS, exit->esr), insn->bytes);
	check_eq(!!(exit->esr & ESR_SF), insn->wide);
	check_eq(!(exit->esr & ESR_WNR), insn->load);
	check_eq(FIELD_GET(ESR_FSC, exit->esr) & FSC_TYPE, FSC_TRANSLATION);
	check_eq(exit->far, 8 * rt);
	check(only_gprs0(exit));
}

static void test_all_registers(void)
{
	unsigned long flags = 0;

	boot_with_device(guest_all_registers);
	for (unsigned int i = 0; i < GUEST_NR_INSNS; i++) {
		for (unsigned int rt = 0; rt < 32; rt++) {
			const struct guest_insn *insn = &guest_insns[i];
			const struct rmi_rec_exit *exit = enter(&realm, 0, flags);

			check_emulatable(exit, insn, rt);
			check_eq(exit->gprs[0], insn->load ? 0 :
				 source_value(i, rt) & mask_of(insn->bytes));

			/* Bits that the access does not move are the host's to get wrong. */
			realm.rec[0].run->enter.gprs[0] = pattern(i, rt);
			flags = RMI_REC_ENTER_FLAGS_EMUL_MMIO;
		}
	}
	require_status(realm_enter(&realm, 0, flags), RMI_SUCCESS);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- exit structure */

static void guest_one_load(unsigned long arg)
{
	guest_access(guest_insns[7].opcode, 3, device() + 0xff8, 0);
}

static void test_exit_fields(void)
{
	const struct rmi_rec_exit *exit;
	const u64 *words;

	boot_with_device(guest_one_load);
	poison_exit(&realm, 0);
	exit = enter(&realm, 0, 0);
	require_data_abort(exit, device_page());
	check_eq(exit->far, 0xff8);

	words = (const u64 *)exit;
	for (unsigned int i = 0; i < sizeof(*exit) / sizeof(*words); i++) {
		unsigned int offset = i * sizeof(*words);

		/* esr, far, hpfar; cnt* may hold anything */
		if ((offset >= 0x100 && offset < 0x118) || (offset >= 0x400 && offset < 0x420))
			continue;
		if (!check_eq(words[i], 0))
			printf("# at offset 0x%x\n", offset);
	}

	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- replay */

static void guest_replay(unsigned long arg)
{
	u64 addr = device();

	guest_check_eq(guest_access(guest_insns[7].opcode, 0, addr, 0), GARBAGE);
	guest_access(guest_insns[3].opcode, 1, addr + 8, 77);
	guest_sync(READY);
}

static void test_replay(void)
{
	u64 *page = ns_page();

	boot_with_device(guest_replay);
	require_data_abort(enter(&realm, 0, 0), device_page());
	/* Neither flag, and nothing repaired: the same again */
	require_data_abort(enter(&realm, 0, 0), device_page());

	page[0] = GARBAGE;
	require_status(realm_map_shared(&realm, device_page(), (unsigned long)page, S2AP_READ),
		       RMI_SUCCESS);
	/* The load goes through; the store meets a read-only mapping. */
	require_data_abort(enter(&realm, 0, 0), device_page());
	check_eq(FIELD_GET(ESR_FSC, realm_exit(&realm, 0)->esr) & FSC_TYPE, FSC_PERMISSION);
	check(realm_exit(&realm, 0)->esr & ESR_ISV);
	check_eq(realm_exit(&realm, 0)->gprs[0], 77);
	check_eq(realm_exit(&realm, 0)->far, 8);

	require_status(realm_unmap_shared(&realm, device_page()), RMI_SUCCESS);
	require_status(realm_map_shared(&realm, device_page(), (unsigned long)page,
					S2AP_READ_WRITE), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	check_eq(page[1], 77);
	require_status(realm_unmap_shared(&realm, device_page()), RMI_SUCCESS);
	finish(&realm);
}

static void guest_read_only(unsigned long arg)
{
	u64 addr = device();

	guest_access(guest_insns[2].opcode, 2, addr + 4, GARBAGE);
	guest_check_eq(guest_access(guest_insns[6].opcode, 0, addr + 4, 0), 5);
}

/* A write to a read-only mapping can be emulated as well. */
static void test_emulate_permission_fault(void)
{
	u32 *page = ns_page();

	page[1] = 5;
	boot_with_device(guest_read_only);
	require_status(realm_map_shared(&realm, device_page(), (unsigned long)page, S2AP_READ),
		       RMI_SUCCESS);
	require_data_abort(enter(&realm, 0, 0), device_page());
	check_eq(realm_exit(&realm, 0)->gprs[0], (u32)GARBAGE);
	require_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_SUCCESS);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_eq(page[1], 5);
	require_status(realm_unmap_shared(&realm, device_page()), RMI_SUCCESS);
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- not emulatable */

static void guest_not_emulatable(unsigned long arg)
{
	u64 addr = device() + 0x100;
	u64 a, b;

	guest_expect();
	asm volatile("ldp %0, %1, [%2]" : "=r" (a), "=r" (b) : "r" (addr));
	asm volatile("stp xzr, xzr, [%0]" : : "r" (addr) : "memory");
	asm volatile("ldr %0, [%1], #8" : "=r" (a), "+r" (addr));
	asm volatile("str xzr, [%0, #-8]!" : "+r" (addr) : : "memory");
	asm volatile("ldr q0, [%0]" : : "r" (addr));
	asm volatile("str d1, [%0]" : : "r" (addr) : "memory");
	asm volatile("ldxr %0, [%1]" : "=r" (a) : "r" (addr));
	asm volatile("dc civac, %0" : : "r" (addr) : "memory");
	guest_check(guest_expected() <= 8);
	guest_sync(READY);
}

static void test_not_emulatable(void)
{
	const struct rmi_rec_exit *exit;
	unsigned int aborts = 0;

	boot_with_device(guest_not_emulatable);
	for (exit = enter(&realm, 0, 0); !is_host_call(exit, READY);
	     exit = enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA)) {
		require_data_abort(exit, device_page());
		check_eq(exit->esr & ~ESR_NOT_EMULATABLE, 0);
		check(exit->esr & ESR_IL);
		check_eq(exit->far, 0);
		check_eq(exit->gprs[0], 0);
		check(only_gprs0(exit));

		/* R7: nothing to emulate, and the failed entry changes nothing */
		check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO),
			     RMI_ERROR_REC);
		aborts++;
	}
	/* Whether cache maintenance faults is the hardware's choice. */
	check(aborts == 7 || aborts == 8);
	finish(&realm);
}

/* ---- external aborts */

static void check_sea(u64 pc, u64 far, bool write)
{
	const struct guest_trap *trap = guest_trap();

	guest_check_eq(guest_expected(), 1);
	/* No syndrome of the access: that is valid at EL2 only. */
	guest_check_eq(trap->esr, FIELD_PREP(ESR_EC, ESR_EC_DABT_CUR) | ESR_IL | ESR_EA |
				  (write ? ESR_WNR : 0) | FSC_SEA);
	guest_check_eq(trap->far, far);
	guest_check_eq(trap->elr, pc);
}

static void guest_sea(unsigned long arg)
{
	u64 addr = device() + 0x124;
	u64 pc, value;

	guest_expect();
	asm volatile("adr %0, 1f\n1:\tldr %w1, [%2]" : "=&r" (pc), "=r" (value) : "r" (addr));
	check_sea(pc, addr, false);
	guest_check_eq(guest_trap()->vector, 0x200);

	guest_expect();
	asm volatile("adr %0, 1f\n1:\tstrb wzr, [%1]" : "=&r" (pc) : "r" (addr) : "memory");
	check_sea(pc, addr, true);

	/* Not emulatable, and with SP_EL0 */
	guest_expect();
	asm volatile("mov x9, sp\n\tmsr sp_el0, x9\n\tmsr spsel, #0\n\tadr %0, 1f\n"
		     "1:\tldp x9, x10, [%1]\n\tmsr spsel, #1"
		     : "=&r" (pc) : "r" (addr - 4) : "x9", "x10", "memory");
	check_sea(pc, addr - 4, false);
	guest_check_eq(guest_trap()->vector, 0);
	guest_sync(READY);
}

/* R8: allowed after any abort there, and stronger than EMUL_MMIO */
static void test_inject_sea(void)
{
	boot_with_device(guest_sea);
	require_data_abort(enter(&realm, 0, 0), device_page());
	check_eq(realm_exit(&realm, 0)->far, 0x124);
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA), device_page());
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA |
				 RMI_REC_ENTER_FLAGS_EMUL_MMIO), device_page());
	check(!(realm_exit(&realm, 0)->esr & ESR_ISV));
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA);
	check(is_host_call(realm_exit(&realm, 0), READY));
	finish(&realm);
}

#define SCTLR_SPAN	BIT_ULL(23)
#define SCTLR_DSSBS	BIT_ULL(44)
#define PSTATE_PAN	BIT_ULL(22)
#define PSTATE_DIT	BIT_ULL(24)
#define PSTATE_UAO	BIT_ULL(23)
#define PSTATE_SSBS	BIT_ULL(12)
#define PSTATE_FLAGS	GENMASK_ULL(31, 28)

static u64 pfr_field(u64 reg, unsigned int shift)
{
	return (reg >> shift) & 0xf;
}

static void one_pstate(u64 addr, u64 sctlr)
{
	const struct guest_trap *trap = guest_trap();

	write_sysreg(sctlr, sctlr_el1);
	isb();
	guest_expect();
	asm volatile("ldr w9, [%0]" : : "r" (addr) : "x9", "memory");
	guest_check_eq(guest_expected(), 1);

	guest_check_eq(trap->pstate & SPSR_DAIF, SPSR_DAIF);
	guest_check_eq(trap->pstate & (SPSR_M | SPSR_NRW), SPSR_M_EL1H);
	guest_check_eq(trap->pstate & PSTATE_UAO, 0);
	guest_check_eq(trap->pstate & PSTATE_FLAGS, trap->spsr & PSTATE_FLAGS);
	guest_check_eq(trap->pstate & PSTATE_DIT, trap->spsr & PSTATE_DIT);
	guest_check_eq(trap->pstate & PSTATE_PAN,
		       sctlr & SCTLR_SPAN ? trap->spsr & PSTATE_PAN : PSTATE_PAN);
	if (pfr_field(read_sysreg(id_aa64pfr1_el1), 4) >= 2)
		guest_check_eq(!!(trap->pstate & PSTATE_SSBS), !!(sctlr & SCTLR_DSSBS));
}

static void guest_pstate(unsigned long arg)
{
	u64 addr = device();
	u64 sctlr = read_sysreg(sctlr_el1) & ~(SCTLR_SPAN | SCTLR_DSSBS);

	/* C set, interrupts open (there are none), DIT, PAN and UAO as they come */
	asm volatile("msr daifclr, #0xf\n\tcmp xzr, xzr" : : : "cc");
	asm volatile(".inst 0xd500409f" : : : "memory");	/* msr pan, #0 */
	asm volatile(".inst 0xd503415f" : : : "memory");	/* msr dit, #1 */
	one_pstate(addr, sctlr | SCTLR_SPAN);
	one_pstate(addr, sctlr | SCTLR_SPAN | SCTLR_DSSBS);
	one_pstate(addr, sctlr);
	asm volatile(".inst 0xd500419f" : : : "memory");	/* msr pan, #1 */
	asm volatile(".inst 0xd500417f" : : : "memory");	/* msr uao, #1 */
	asm volatile(".inst 0xd503405f" : : : "memory");	/* msr dit, #0 */
	one_pstate(addr, sctlr | SCTLR_SPAN);
	one_pstate(addr, sctlr | SCTLR_DSSBS);
	guest_sync(READY);
}

static void test_sea_pstate(void)
{
	unsigned long flags = 0;

	boot_with_device(guest_pstate);
	for (unsigned int i = 0; i < 5; i++) {
		require_data_abort(enter(&realm, 0, flags), device_page());
		flags = RMI_REC_ENTER_FLAGS_INJECT_SEA;
	}
	enter(&realm, 0, flags);
	check(is_host_call(realm_exit(&realm, 0), READY));
	finish(&realm);
}

/* ---- EL0 */

/* ldr x2, [x0]; str x2, [x1]; ldr x3, [x0, #8]; svc #0 */
static const u32 el0_a64[] = { 0xf9400002, 0xf9000022, 0xf9400403, 0xd4000001 };

static void guest_el0(unsigned long arg)
{
	u64 addr = device();
	u64 value = 0;

	guest_expect();
	guest_run_el0(el0_a64, SPSR_M_EL0T | SPSR_DAIF, addr, (u64)&value);
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(READ_ONCE(value), GARBAGE);
	guest_check_eq(guest_trap()->vector, 0x400);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_DABT_LOW);
	guest_check_eq(guest_trap()->elr, (u64)&el0_a64[2]);
	guest_check_eq(guest_trap()->far, addr + 8);
}

static void test_el0(void)
{
	boot_with_device(guest_el0);
	require_data_abort(enter(&realm, 0, 0), device_page());
	check(realm_exit(&realm, 0)->esr & ESR_ISV);
	realm.rec[0].run->enter.gprs[0] = GARBAGE;
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), device_page());
	check_eq(realm_exit(&realm, 0)->far, 8);
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- big-endian accesses */

#define SCTLR_E0E		BIT_ULL(24)
#define SCTLR_EE		BIT_ULL(25)

/* ldr w2, [x0]; str w2, [x0, #8]; ldrsh x3, [x0, #0x10]; str x3, [x0, #0x18]; svc #0 */
static const u32 el0_be[] = { 0xb9400002, 0xb9000802, 0x79802003, 0xf9000c03, 0xd4000001 };

static void guest_be(unsigned long arg)
{
	u64 addr = device();
	u64 sctlr = read_sysreg(sctlr_el1);
	u64 word, half;

	asm volatile("msr sctlr_el1, %3\n\tisb\n\t"
		     "ldr %w0, [%2]\n\tstr %w0, [%2, #8]\n\t"
		     "ldrsh %1, [%2, #0x10]\n\tstr %1, [%2, #0x18]\n\t"
		     "msr sctlr_el1, %4\n\tisb"
		     : "=&r" (word), "=&r" (half)
		     : "r" (addr), "r" (sctlr | SCTLR_EE), "r" (sctlr) : "memory");
	guest_check_eq(word, 0x89abcdef);
	guest_check_eq(half, 0xffffffffffff8123);

	write_sysreg(sctlr | SCTLR_E0E, sctlr_el1);
	isb();
	guest_run_el0(el0_be, SPSR_M_EL0T | SPSR_DAIF, addr, 0);
	write_sysreg(sctlr, sctlr_el1);
	isb();
}

/*
 * What the host gets and gives is the value of a register; in which order its bytes would lie in
 * memory does not matter.
 */
static void be_accesses(unsigned long first)
{
	const struct rmi_rec_exit *exit = realm_exit(&realm, 0);

	require_data_abort(enter(&realm, 0, first), device_page());
	realm.rec[0].run->enter.gprs[0] = 0x0123456789abcdef;
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), device_page());
	check_eq(exit->far, 8);
	check_eq(exit->gprs[0], 0x89abcdef);
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), device_page());
	check_eq(exit->far, 0x10);
	realm.rec[0].run->enter.gprs[0] = 0x8123;
	require_data_abort(enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), device_page());
	check_eq(exit->far, 0x18);
	check_eq(exit->gprs[0], 0xffffffffffff8123);
}

static void test_be(void)
{
	boot_with_device(guest_be);
	be_accesses(0);
	be_accesses(RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* A realm of 4 GB, so that AArch32 can name a shared address */
#define A32_DEVICE_IPA		0x70000000UL
#define SPSR_A32_USER		(SPSR_NRW | SPSR_A | SPSR_I | SPSR_F)

/* ldr r2, [r0]; str r0, [r1]; svc 0 */
static const u32 el0_a32[] = { 0xe5902000, 0xe5810000, 0xef000000 };

static void guest_a32(unsigned long arg)
{
	u64 addr = device();
	u32 value = 0;

	guest_expect();
	guest_run_el0(el0_a32, SPSR_A32_USER, addr, (u64)&value);
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(READ_ONCE(value), addr);
	guest_check_eq(guest_trap()->vector, 0x600);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_DABT_LOW);
	guest_check_eq(guest_trap()->elr, (u64)&el0_a32[0]);
	guest_check_eq(guest_trap()->far, addr);
	guest_check(guest_trap()->spsr & SPSR_NRW);
}

static void test_a32(void)
{
	unsigned long page;

	if (FIELD_GET(GENMASK_ULL(3, 0), read_sysreg(id_aa64pfr0_el1)) != 2)
		skip_test("no AArch32");

	realm_init(&realm);
	realm.params->s2sz = 32;
	realm.params->rtt_num_start = 1;
	require_status(realm_start(&realm, guest_a32, 0), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	page = realm_shared(&realm, A32_DEVICE_IPA);
	realm.rec[0].run->enter.gprs[0] = page;

	require_data_abort(enter(&realm, 0, 0), page);
	check_eq(realm_exit(&realm, 0)->esr & ~ESR_NOT_EMULATABLE, 0);
	check_eq(realm_exit(&realm, 0)->far, 0);
	check_status(realm_enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO), RMI_ERROR_REC);
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_INJECT_SEA);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- single step */

#define ESR_EC_STEP_CUR		0x33
#define MDSCR_SS		BIT_ULL(0)
#define MDSCR_KDE		BIT_ULL(13)
/* EL1 with debug exceptions open, one step to be made */
#define PSTATE_STEP		(SPSR_M_EL1H | SPSR_A | SPSR_I | SPSR_F | SPSR_SS)

static void guest_step(unsigned long arg)
{
	u64 addr = device();
	u64 next;

	write_sysreg(0, oslar_el1);
	guest_expect();
	write_sysreg(MDSCR_SS | MDSCR_KDE, mdscr_el1);
	asm volatile("adr x9, 1f\n\tmsr elr_el1, x9\n\tmsr spsr_el1, %2\n\tadr %0, 2f\n\teret\n"
		     "1:\tstr wzr, [%1]\n2:\tnop\n\tnop\n\tmsr daifset, #8"
		     : "=&r" (next) : "r" (addr), "r" (PSTATE_STEP) : "x9", "memory");
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_STEP_CUR);
	guest_check_eq(guest_trap()->elr, next);
}

/* What the host emulates counts as executed. */
static void test_step(void)
{
	boot_with_device(guest_step);
	require_data_abort(enter(&realm, 0, 0), device_page());
	enter(&realm, 0, RMI_REC_ENTER_FLAGS_EMUL_MMIO);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- flags at the wrong time */

static void guest_flags(unsigned long arg)
{
	u64 addr = device();

	guest_sync(READY);
	guest_access(guest_insns[0].opcode, 0, addr, 1);
	guest_sync(READY);
	guest_access(guest_insns[0].opcode, 0, addr, 2);
}

static void check_refused(unsigned long flags)
{
	check_status(realm_enter(&realm, 0, flags), RMI_ERROR_REC);
}

static void test_flags(void)
{
	const unsigned long emul = RMI_REC_ENTER_FLAGS_EMUL_MMIO;
	const unsigned long sea = RMI_REC_ENTER_FLAGS_INJECT_SEA;

	boot(&realm, guest_flags);
	/* Before the first exit */
	check_refused(emul);
	check_refused(sea);
	check_refused(emul | sea);
	enter_host_call(&realm, 0, READY);
	realm.rec[0].run->enter.gprs[0] = device_page();
	check_refused(emul);
	check_refused(sea);
	enter_host_call(&realm, 0, READY);

	require_data_abort(enter(&realm, 0, 0), device_page());
	check_eq(realm_exit(&realm, 0)->gprs[0], 1);
	enter(&realm, 0, emul);
	check(is_host_call(realm_exit(&realm, 0), READY));
	/* The abort is over: its answer cannot be given twice. */
	check_refused(emul);
	check_refused(sea);
	require_data_abort(enter(&realm, 0, 0), device_page());
	check_eq(realm_exit(&realm, 0)->gprs[0], 2);
	enter(&realm, 0, emul);
	check(is_host_call(realm_exit(&realm, 0), GUEST_DONE));
	check_status(realm_destroy(&realm), RMI_SUCCESS);
}

/* ---- fetches */

static void guest_fetch(unsigned long arg)
{
	u64 addr = device();

	guest_expect();
	((void (*)(void))addr)();
	guest_check_eq(guest_expected(), 1);
	guest_check_eq(FIELD_GET(ESR_EC, guest_trap()->esr), ESR_EC_IABT_CUR);
	guest_check_eq(FIELD_GET(ESR_FSC, guest_trap()->esr), FSC_SEA);
	guest_check(guest_trap()->esr & ESR_EA);
	guest_check_eq(guest_trap()->far, addr);
	guest_check_eq(guest_trap()->elr, addr);
	guest_sync(READY);
}

/* R6, with memory there and without */
static void test_fetch(void)
{
	u32 *page = ns_page();

	page[0] = 0xd65f03c0;	/* ret */
	boot_with_device(guest_fetch);
	enter_host_call(&realm, 0, READY);
	finish(&realm);

	boot_with_device(guest_fetch);
	require_status(realm_map_shared(&realm, device_page(), (unsigned long)page,
					S2AP_READ_WRITE), RMI_SUCCESS);
	enter_host_call(&realm, 0, READY);
	require_status(realm_unmap_shared(&realm, device_page()), RMI_SUCCESS);
	finish(&realm);
}

const struct test realm_mmio_tests[] = {
	{ "loads and stores of every size through every register", test_all_registers },
	{ "an emulatable abort fills the specified fields and no others", test_exit_fields },
	{ "an access is replayed when the host emulates nothing", test_replay },
	{ "a permission fault is emulatable", test_emulate_permission_fault },
	{ "accesses without a syndrome are not emulatable", test_not_emulatable },
	{ "INJECT_SEA gives the realm an external abort", test_inject_sea },
	{ "the external abort's PSTATE is the architecture's", test_sea_pstate },
	{ "accesses from EL0", test_el0 },
	{ "big-endian accesses, from EL1 and EL0", test_be },
	{ "an access of AArch32 is not emulatable", test_a32 },
	{ "an emulated access is one software step", test_step },
	{ "EMUL_MMIO and INJECT_SEA are refused at any other time", test_flags },
	{ "the realm cannot execute shared memory", test_fetch },
	{ }
};
