/* SPDX-License-Identifier: GPL-2.0-only */
/* Single loads and stores with a register of the test's choice, for code in the realm. */
#ifndef TESTS_GUEST_ACCESS_H
#define TESTS_GUEST_ACCESS_H

#include <linux/types.h>
#include <rsi-defs.h>

/**
 * struct guest_insn - a load or store with base register and no offset
 * @opcode: encoding with Rn = Rt = 0
 * @bytes: bytes it moves
 * @load: it is a load
 * @sign: a load that extends the sign
 * @wide: its register is Xt, not Wt
 */
struct guest_insn {
	u32 opcode;
	u8 bytes;
	bool load;
	bool sign;
	bool wide;
};

#define GUEST_NR_INSNS	13

/* All of them: STRB to STR, LDRB to LDR, LDRSB to LDRSW */
extern const struct guest_insn guest_insns[GUEST_NR_INSNS];

/**
 * guest_access() - execute a load or store
 * @opcode: as in struct guest_insn
 * @rt: target or source register; 31 is XZR
 * @addr: address
 * @value: what the register holds before
 *
 * Return: what it holds after
 */
u64 guest_access(u32 opcode, unsigned int rt, u64 addr, u64 value);

/**
 * guest_registers_raw() - a host call with all registers in use
 * @call: passed to RSI_HOST_CALL; before the call X2 to X30 hold 0x100 + n
 * @after: receives X0 to X30 after it
 */
void guest_registers_raw(struct rsi_host_call *call, u64 *after);

#endif /* TESTS_GUEST_ACCESS_H */
