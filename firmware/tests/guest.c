// SPDX-License-Identifier: GPL-2.0-only
/* What the realm's side of every test needs, see guest.h. Runs in the realm. */
#include <string.h>
#include <sysreg.h>
#include "guest.h"

struct guest_trap guest_traps[GUEST_MAX_RECS];

static struct rsi_host_call host_calls[GUEST_MAX_RECS] __aligned(256);
static u8 stacks[GUEST_MAX_RECS][GUEST_STACK_SIZE] __aligned(16);

unsigned long guest_stack(unsigned int rec)
{
	return (unsigned long)stacks[rec] + GUEST_STACK_SIZE;
}

unsigned int guest_index(void)
{
	return read_sysreg(tpidr_el1);
}

void guest_smc(struct arm_smccc_1_2_regs *regs)
{
	arm_smccc_1_2_smc(regs, regs);
}

u64 guest_call(u64 fid, u64 a1, u64 a2, u64 a3)
{
	struct arm_smccc_1_2_regs regs = { .a0 = fid, .a1 = a1, .a2 = a2, .a3 = a3 };

	guest_smc(&regs);
	return regs.a0;
}

u64 guest_host_call(u16 imm, u64 *gprs)
{
	struct rsi_host_call *call = &host_calls[guest_index()];
	u64 result;

	call->imm = imm;
	memcpy(call->gprs, gprs, sizeof(call->gprs));
	result = guest_call(SMC_RSI_HOST_CALL, (u64)call, 0, 0);
	memcpy(gprs, call->gprs, sizeof(call->gprs));
	return result;
}

u64 guest_report(u16 imm, u64 value)
{
	u64 gprs[31] = { value };

	guest_host_call(imm, gprs);
	return gprs[0];
}

void guest_sync(u16 imm)
{
	guest_report(imm, 0);
}

struct guest_trap *guest_trap(void)
{
	return &guest_traps[guest_index()];
}

void guest_expect(void)
{
	struct guest_trap *trap = guest_trap();

	memset(trap, 0, sizeof(*trap));
	WRITE_ONCE(trap->expected, 1);
}

u64 guest_expected(void)
{
	struct guest_trap *trap = guest_trap();

	WRITE_ONCE(trap->expected, 0);
	return READ_ONCE(trap->count);
}

void guest_fail(int line, u64 seen, u64 wanted)
{
	u64 gprs[31] = { line, seen, wanted };

	for (;;)
		guest_host_call(GUEST_FAIL, gprs);
}

void guest_unexpected(const struct guest_trap *trap)
{
	u64 gprs[31] = { trap->vector, trap->esr, trap->elr, trap->far };

	for (;;)
		guest_host_call(GUEST_TRAP, gprs);
}

void guest_main(void (*fn)(unsigned long arg), unsigned long arg)
{
	fn(arg);
	for (;;)
		guest_sync(GUEST_DONE);
}
