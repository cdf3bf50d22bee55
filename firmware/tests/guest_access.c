// SPDX-License-Identifier: GPL-2.0-only
/* Loads and stores with any register: the instruction is put together when needed. */
#include <linux/bitfield.h>
#include <sysreg.h>
#include "guest_access.h"

#define RT			GENMASK(4, 0)
#define RN			GENMASK(9, 5)
#define RM			GENMASK(20, 16)
#define MOV_X			0xaa0003e0U	/* mov Xd, Xm: orr Xd, xzr, Xm */
#define RET_X			0xd65f0000U

const struct guest_insn guest_insns[GUEST_NR_INSNS] = {
	{ 0x39000000, 1, false, false, false },	/* strb w */
	{ 0x79000000, 2, false, false, false },	/* strh w */
	{ 0xb9000000, 4, false, false, false },	/* str w */
	{ 0xf9000000, 8, false, false, true },	/* str x */
	{ 0x39400000, 1, true, false, false },	/* ldrb w */
	{ 0x79400000, 2, true, false, false },	/* ldrh w */
	{ 0xb9400000, 4, true, false, false },	/* ldr w */
	{ 0xf9400000, 8, true, false, true },	/* ldr x */
	{ 0x39c00000, 1, true, true, false },	/* ldrsb w */
	{ 0x39800000, 1, true, true, true },	/* ldrsb x */
	{ 0x79c00000, 2, true, true, false },	/* ldrsh w */
	{ 0x79800000, 2, true, true, true },	/* ldrsh x */
	{ 0xb9800000, 4, true, true, true },	/* ldrsw x */
};

u64 guest_access_raw(const u32 *code, u64 addr, u64 value);

static u32 mov_x(unsigned int rd, unsigned int rm)
{
	return MOV_X | FIELD_PREP(RT, rd) | FIELD_PREP(RM, rm);
}

u64 guest_access(u32 opcode, unsigned int rt, u64 addr, u64 value)
{
	static u32 code[5] __aligned(64);
	unsigned int base = rt == 9 ? 12 : 9;
	unsigned int source = rt == 11 ? 14 : 11;
	unsigned int back = rt == 10 ? 13 : 10;

	code[0] = mov_x(rt, source);
	code[1] = opcode | FIELD_PREP(RN, base) | FIELD_PREP(RT, rt);
	code[2] = mov_x(11, rt);
	code[3] = mov_x(14, rt);
	code[4] = RET_X | FIELD_PREP(RN, back);

	dc(cvau, code);
	dsb(ish);
	asm volatile("ic ivau, %0" : : "r" (code) : "memory");
	dsb(ish);
	isb();

	return guest_access_raw(code, addr, value);
}
