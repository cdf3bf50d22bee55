// SPDX-License-Identifier: GPL-2.0-only
/* RTT_SET_RIPAS, what it refuses and how far it goes: DEN0137 B4.5.75, A5.4 */
#include "realm_run.h"
#include "refuse.h"

#define BASE	REALM_RAM_IPA
#define TOP	(REALM_RAM_IPA + 4 * SZ_4K)

/* The realm asks for RIPAS of [BASE, TOP), or of the block that BASE begins. */
static u64 guest_ask(u64 top, u64 ripas, u64 flags)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_IPA_STATE_SET, .a1 = BASE, .a2 = top, .a3 = ripas, .a4 = flags,
	};

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	return regs.a1;
}

static void guest_ram(unsigned long arg)
{
	guest_check_eq(guest_ask(TOP, RSI_RIPAS_RAM, 0), TOP);
}

static void guest_block(unsigned long arg)
{
	guest_check_eq(guest_ask(BASE + SZ_2M, RSI_RIPAS_RAM, 0), BASE + SZ_2M);
}

static void guest_within_block(unsigned long arg)
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = SMC_RSI_IPA_STATE_SET, .a1 = BASE + SZ_4K, .a2 = BASE + SZ_2M,
		.a3 = RSI_RIPAS_RAM,
	};

	guest_smc(&regs);
	guest_check_eq(regs.a0, RSI_SUCCESS);
	guest_check_eq(regs.a1, BASE + SZ_2M);
}

static void guest_ram_with_destroyed(unsigned long arg)
{
	u64 base = guest_ask(TOP, RSI_RIPAS_RAM, RSI_NO_CHANGE_DESTROYED);

	guest_check_eq(base, BASE + SZ_4K);
	base = guest_ask(TOP, RSI_RIPAS_RAM, RSI_RIPAS_CHANGE_FLAGS_DESTROYED);
	guest_check_eq(base, TOP);
}

/* A running realm with a request pending, and granules of all kinds. */
static struct scene *asking_from(void (*fn)(unsigned long arg), u64 base, u64 top)
{
	static struct scene scene;
	struct scene *s = &scene;
	const struct rmi_rec_exit *exit;

	boot(&s->r, fn);
	s->ns = (phys_addr_t)ns_page();
	s->delegated = delegated_page();
	s->rtt = s->r.table[s->r.nr_tables - 1].pa;
	s->data = s->r.page[0].pa;
	s->rec = s->r.rec[0].pa;

	exit = enter(&s->r, 0, 0);
	require_eq(exit->exit_reason, RMI_EXIT_RIPAS_CHANGE);
	require_eq(exit->ripas_base, base);
	require_eq(exit->ripas_top, top);
	return s;
}

static struct scene *asking(void (*fn)(unsigned long arg), u64 top)
{
	return asking_from(fn, BASE, top);
}

static void refuses(void)
{
	struct scene *s = asking(guest_ram, TOP);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, TOP);
	static struct realm other;
	u64 out[7];

	/* base_align: no table below the entry yet */
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 1);
	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);

	refuse_not_rd(s, &call, 1);
	refuse_not_rec(s, &call, 2);
	REFUSE(&call,
	       INPUT("size_valid", 4, BASE),
	       INPUT("size_valid", 4, BASE - SZ_4K),
	       INPUT("base_bound", 3, BASE + SZ_4K),
	       INPUT("base_bound", 3, BASE - SZ_4K),
	       INPUT("top_bound", 4, TOP + SZ_4K),
	       INPUT("top_gran_align", 4, TOP - 8));

	/* rec_owner */
	realm_init(&other);
	require_status(realm_create(&other), RMI_SUCCESS);
	REFUSE(&call, { "rec_owner", 1, other.rd, RMI_ERROR_REC, -1 });
	require_status(realm_destroy(&other), RMI_SUCCESS);

	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TOP);
	check_entry(&s->r, BASE, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, TOP - SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, TOP, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	/* base_bound: nothing is left of the request */
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);
	finish(&s->r);
}

/* In two steps: the second begins where the first ended. */
static void in_steps(void)
{
	struct scene *s = asking(guest_ram, TOP);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, BASE + SZ_4K);
	u64 out[7];

	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], BASE + SZ_4K);
	check_entry(&s->r, BASE, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	check_entry(&s->r, BASE + SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	check_status(make_call(&call, NULL), RMI_ERROR_INPUT);

	call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE + SZ_4K, TOP);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TOP);
	finish(&s->r);
}

/* An entry of level 2 that the request covers needs no table. */
static void block(void)
{
	struct scene *s = asking(guest_block, BASE + SZ_2M);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, BASE + SZ_2M);
	u64 out[7];

	require_status(realm_table(&s->r, BASE, 2), RMI_SUCCESS);
	/* no_progress: a part of it does */
	call.arg[4] = BASE + SZ_4K;
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	call.arg[4] = BASE + SZ_2M;
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], BASE + SZ_2M);
	check_entry(&s->r, BASE, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	finish(&s->r);
}

/* base_align: the entry begins before the request, and would change. */
static void within_block(void)
{
	struct scene *s = asking_from(guest_within_block, BASE + SZ_4K, BASE + SZ_2M);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE + SZ_4K, BASE + SZ_2M);
	u64 out[7];

	require_status(realm_table(&s->r, BASE, 2), RMI_SUCCESS);
	check_status_level(make_call(&call, NULL), RMI_ERROR_RTT, 2);
	check_entry(&s->r, BASE, 3, 2, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], BASE + SZ_2M);
	check_entry(&s->r, BASE, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_EMPTY);
	finish(&s->r);
}

/* What the host has destroyed becomes RAM again only if the realm says it may. */
static void destroyed(void)
{
	struct scene *s = asking(guest_ram_with_destroyed, TOP);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, TOP);
	u64 out[7];

	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);
	call.arg[4] = BASE + SZ_4K;
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	require_status(realm_map(&s->r, BASE), RMI_SUCCESS);
	require_status(realm_unmap(&s->r, BASE), RMI_SUCCESS);
	check_entry(&s->r, BASE, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);

	/* The realm is told that only the first page was changed, and asks for all again. */
	require_eq(enter(&s->r, 0, RMI_REC_ENTER_FLAGS_RIPAS_RESPONSE)->exit_reason,
		   RMI_EXIT_RIPAS_CHANGE);
	check_eq(realm_exit(&s->r, 0)->ripas_base, BASE);
	call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, TOP);
	require_status(make_call(&call, out), RMI_SUCCESS);
	check_eq(out[1], TOP);
	check_entry(&s->r, BASE, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_RAM);
	finish(&s->r);
}

/* Without the realm's consent the change stops at the entry that is DESTROYED. */
static void stops_at_destroyed(void)
{
	struct scene *s = asking(guest_ram, TOP);
	struct call call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, TOP);
	struct call first = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE, BASE + SZ_4K);
	u64 out[7];

	/* The second page is DESTROYED: its table was taken away while it was RAM. */
	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);
	require_status(make_call(&first, NULL), RMI_SUCCESS);
	call = CALL(RTT_DESTROY, s->r.rd, BASE, 3);
	require_status(make_call(&call, NULL), RMI_SUCCESS);
	s->r.nr_tables--;
	require_status(realm_table(&s->r, BASE, 3), RMI_SUCCESS);
	check_entry(&s->r, BASE + SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);

	call = CALL(RTT_SET_RIPAS, s->r.rd, s->rec, BASE + SZ_4K, TOP);
	check_status_level(make_call(&call, out), RMI_ERROR_RTT, 3);
	check_entry(&s->r, BASE + SZ_4K, 3, 3, RMI_RTTE_VOID, RMI_RIPAS_DESTROYED);
	check_status(realm_destroy(&s->r), RMI_SUCCESS);
}

const struct test ripas_tests[] = {
	{ "RTT_SET_RIPAS refuses bad arguments", refuses },
	{ "RTT_SET_RIPAS in steps", in_steps },
	{ "RTT_SET_RIPAS of a block", block },
	{ "RTT_SET_RIPAS within a block", within_block },
	{ "RTT_SET_RIPAS of DESTROYED with the realm's consent", destroyed },
	{ "RTT_SET_RIPAS stops at DESTROYED without it", stops_at_destroyed },
	{ },
};
