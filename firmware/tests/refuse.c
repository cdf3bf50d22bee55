// SPDX-License-Identifier: GPL-2.0-only
/* See refuse.h. */
#include <string.h>
#include "refuse.h"

/* What the REC would execute; the code is not in the realm. */
static void idle(unsigned long arg)
{
}

struct scene *scene_create(void)
{
	static struct scene scene;
	struct scene *s = &scene;

	memset(s, 0, sizeof(*s));
	realm_init(&s->r);
	require_status(realm_create(&s->r), RMI_SUCCESS);
	require_status(realm_map(&s->r, TEST_IPA), RMI_SUCCESS);
	require_status(realm_add_rec(&s->r, idle, 0), RMI_SUCCESS);

	s->ns = (phys_addr_t)ns_page();
	s->delegated = delegated_page();
	s->rtt = s->r.table[s->r.nr_tables - 1].pa;
	s->data = s->r.page[0].pa;
	s->rec = s->r.rec[0].pa;

	return s;
}

void scene_destroy(struct scene *s)
{
	check_status(realm_destroy(&s->r), RMI_SUCCESS);
}

rmi_status_t make_call(const struct call *call, u64 out[7])
{
	struct arm_smccc_1_2_regs regs = {
		.a0 = call->fid,
		.a1 = call->arg[1], .a2 = call->arg[2], .a3 = call->arg[3],
		.a4 = call->arg[4], .a5 = call->arg[5], .a6 = call->arg[6],
	};

	rmi_smc(&regs);
	if (out)
		memcpy(out, &regs.a0, 7 * sizeof(*out));

	return stateful((rmi_status_t){ .raw = regs.a0 }, regs.a1, regs.a2);
}

static void refuse_one(const struct call *call, const struct refusal *c)
{
	struct call bad = *call;
	rmi_status_t st;

	bad.arg[c->arg] = c->value;
	st = make_call(&bad, NULL);
	if (rmi_code(st) == c->code && (c->level < 0 || rmi_index(st) == (unsigned long)c->level))
		return;

	test_failed(__FILE__, __LINE__, "%s %s, X%u 0x%llx: %s level %lu, not %s level %ld",
		    call->name, c->condition, c->arg, c->value, rmi_status_name(st), rmi_index(st),
		    rmi_status_name((rmi_status_t){ .raw = c->code }), c->level);
	if (rmi_ok(st))
		test_abort();
}

void refuse(const struct call *call, const struct refusal *cases, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		refuse_one(call, &cases[i]);
}

void refuse_not_rd(const struct scene *s, const struct call *call, unsigned int arg)
{
	REFUSE(call,
	       INPUT("rd_align", arg, call->arg[arg] + 8),
	       INPUT("rd_bound", arg, NOT_TRACKED),
	       INPUT("rd_bound", arg, UART0_BASE),
	       INPUT("rd_bound", arg, BIT_ULL(60)),
	       INPUT("rd_state", arg, s->ns),
	       INPUT("rd_state", arg, s->delegated),
	       INPUT("rd_state", arg, s->rtt),
	       INPUT("rd_state", arg, s->data),
	       INPUT("rd_state", arg, s->rec));
}

void refuse_not_rec(const struct scene *s, const struct call *call, unsigned int arg)
{
	REFUSE(call,
	       INPUT("rec_align", arg, call->arg[arg] + 8),
	       INPUT("rec_bound", arg, NOT_TRACKED),
	       INPUT("rec_bound", arg, UART0_BASE),
	       INPUT("rec_bound", arg, BIT_ULL(60)),
	       INPUT("rec_gran_state", arg, s->ns),
	       INPUT("rec_gran_state", arg, s->delegated),
	       INPUT("rec_gran_state", arg, s->r.rd),
	       INPUT("rec_gran_state", arg, s->rtt),
	       INPUT("rec_gran_state", arg, s->data));
}

void refuse_not_delegated(const struct scene *s, const struct call *call, unsigned int arg)
{
	REFUSE(call,
	       INPUT("align", arg, call->arg[arg] + 8),
	       INPUT("bound", arg, NOT_TRACKED),
	       INPUT("bound", arg, UART0_BASE),
	       INPUT("bound", arg, BIT_ULL(60)),
	       INPUT("state", arg, s->ns),
	       INPUT("state", arg, s->r.rd),
	       INPUT("state", arg, s->rtt),
	       INPUT("state", arg, s->data),
	       INPUT("state", arg, s->rec));
}

void refuse_not_ns(const struct scene *s, const struct call *call, unsigned int arg)
{
	REFUSE(call,
	       INPUT("align", arg, call->arg[arg] + 8),
	       INPUT("pas", arg, s->delegated),
	       INPUT("pas", arg, s->data),
	       INPUT("pas", arg, RMM_BASE),
	       INPUT("pas", arg, BIT_ULL(60)));
}

struct entry read_entry(const struct realm *r, u64 ipa, long level)
{
	struct rmi_rtt_read_entry_out out;

	require_status(rmi_rtt_read_entry(r->rd, ipa, level, &out), RMI_SUCCESS);
	return (struct entry){ out.walk_level, out.state, out.desc, out.ripas };
}
