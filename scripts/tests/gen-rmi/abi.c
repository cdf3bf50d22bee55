// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generated headers seen from C: that they compile, that a wrapper puts each
 * input into its register and takes each output from its own, and that what
 * the description says is what DEN0137 says, for a sample of each kind.
 */
#include <linux/arm-smccc.h>
#include <linux/bitfield.h>

#include "rmi-defs.h"
#include "rsi-defs.h"

void rmi_smc(struct arm_smccc_1_2_regs *regs);

#include "rmi-calls.h"

#ifdef HOSTED

#include <stdio.h>
#include <string.h>

static struct arm_smccc_1_2_regs called, answer;
static int failures;

void rmi_smc(struct arm_smccc_1_2_regs *regs)
{
	called = *regs;
	*regs = answer;
}

#define CHECK(cond) check(cond, __LINE__, #cond)

static void check(bool ok, int line, const char *cond)
{
	if (ok)
		return;
	fprintf(stderr, "line %d: %s\n", line, cond);
	failures++;
}

static void reset(unsigned long a0)
{
	unsigned long *a = (unsigned long *)&answer;
	size_t i;

	for (i = 1; i < sizeof(answer) / sizeof(*a); i++)
		a[i] = 0xa00 + i;
	answer.a0 = a0;
	memset(&called, 0xff, sizeof(called));
}

/* X(n) to X17 of the call are zero */
static bool zero_from(unsigned int n)
{
	const unsigned long *a = (const unsigned long *)&called;

	for (; n < sizeof(called) / sizeof(*a); n++) {
		if (a[n])
			return false;
	}
	return true;
}

static void test_specification(void)
{
	/* B4.5 */
	CHECK(SMC_RMI_VERSION == 0xc4000150);
	CHECK(SMC_RMI_RTT_DATA_MAP_INIT == 0xc4000153);
	CHECK(SMC_RMI_REC_ENTER == 0xc400015c);
	CHECK(SMC_RMI_GRANULE_TRACKING_GET == 0xc40001e1);
	CHECK(SMC_RMI_OP_CANCEL == 0xc400020a);
	/* B4.6.92 */
	CHECK(RMI_ERROR_INPUT == 1 && RMI_BUSY == 10 && RMI_INCOMPLETE == 13);
	CHECK(RMI_BLOCKED == 14 && RMI_ERROR_GRANULE == 16);
	/* B4.6.26, B4.6.27, B4.6.41, B4.6.5, B4.6.90 */
	CHECK(FIELD_GET(RMI_FEATURE_REGISTER0_NUM_BPS, 0xfc000ull) == 63);
	CHECK(FIELD_GET(RMI_FEATURE_REGISTER1_MAX_RECS_ORDER, 0x3c0ull) == 15);
	CHECK(RMI_OP_MEM_DONATE_REQ_COUNT == 0xfffc);
	CHECK(RMI_ADDR_RANGE_DESC4_KB_ADDR == 0xffffffffff000ull);
	CHECK(RMI_ADDR_RANGE_DESC4_KB_STATE == 1ull << 63);
	CHECK(RMI_RTT_UNPROT_MAP_FLAGS_S2AP == 0x780000);
	/* B4.6.65, B4.6.66, B4.6.67 */
	CHECK(RMI_REC_ENTER_FLAGS_EMUL_MMIO == 1 && RMI_REC_ENTER_FLAGS_INJECT_SEA == 2);
	CHECK(__builtin_offsetof(struct rmi_rec_run, exit.hpfar) == 0x910);
	CHECK(__builtin_offsetof(struct rmi_rec_run, exit.gprs[30]) == 0xaf0);
	CHECK(__builtin_offsetof(struct rmi_realm_params, rtt_num_start) == 0x818);
	CHECK(RMI_EXIT_SYNC == 0 && RMI_EXIT_HOST_CALL == 5);
	/* B5.4, B5.5 */
	CHECK(SMC_RSI_VERSION == 0xc4000190 && SMC_RSI_HOST_CALL == 0xc4000199);
	CHECK(__builtin_offsetof(struct rsi_host_call, gprs[1]) == 0x10);
	CHECK(__builtin_offsetof(struct rsi_realm_config, rpv) == 0x200);
}

static void test_status(void)
{
	rmi_status_t st;

	st = (rmi_status_t) { .raw = 0x204 };
	CHECK(rmi_code(st) == RMI_ERROR_RTT && rmi_index(st) == 2 && !rmi_ok(st));
	CHECK(!strcmp(rmi_status_name(st), "RMI_ERROR_RTT"));
	CHECK(rmi_status_level(RMI_ERROR_RTT, 2).raw == 0x204);
	CHECK(rmi_status_level(RMI_ERROR_RTT, -1).raw == 0xff04);
	CHECK(rmi_status(RMI_ERROR_RTT, 2).raw == 0x204);
	CHECK(rmi_ok(rmi_status(RMI_SUCCESS, 0)));

	st = (rmi_status_t) { .raw = 0x50d };
	CHECK(rmi_is_incomplete(st) && rmi_can_cancel(st));
	CHECK(rmi_mem_req(st) == RMI_OP_MEM_REQ_DONATE);
	CHECK(rmi_status_incomplete(RMI_OP_MEM_REQ_DONATE, true).raw == 0x50d);
	CHECK(rmi_status_incomplete(RMI_OP_MEM_REQ_RECLAIM, false).raw == 0x20d);

	CHECK(!strcmp(rmi_status_code_name(17), "unknown"));
	CHECK(!strcmp(rmi_rec_exit_reason_name(RMI_EXIT_SERROR), "RMI_EXIT_SERROR"));
	CHECK(!strcmp(rsi_ripas_name(RSI_RIPAS_DESTROYED), "RSI_RIPAS_DESTROYED"));
}

static void test_wrappers(void)
{
	struct rmi_rtt_read_entry_out entry;
	struct rmi_rtt_data_unmap_out unmap;
	struct rmi_op_continue_out cont;
	struct rmi_rtt_create_out create;
	rmi_status_t st;

	reset(RMI_ERROR_REALM);
	st = rmi_realm_activate(0x1000);
	CHECK(called.a0 == SMC_RMI_REALM_ACTIVATE && called.a1 == 0x1000 && zero_from(2));
	CHECK(rmi_code(st) == RMI_ERROR_REALM);

	reset(RMI_SUCCESS);
	st = rmi_psci_complete(0x1000, 0x2000, PSCI_DENIED);
	CHECK(called.a1 == 0x1000 && called.a2 == 0x2000 && called.a3 == -3ul && zero_from(4));

	reset(RMI_SUCCESS);
	st = rmi_rtt_read_entry(0x1000, 0x2000, -1, &entry);
	CHECK(called.a3 == -1ul && zero_from(4));
	CHECK(entry.walk_level == 0xa01 && entry.state == 0xa02);
	CHECK(entry.desc == 0xa03 && entry.ripas == 0xa04);

	/* A gap in the outputs */
	reset(RMI_INCOMPLETE);
	st = rmi_op_continue(7, RMI_CONTINUE_FLAGS_BEYOND, &cont);
	CHECK(called.a1 == 7 && called.a2 == 1 && zero_from(3) && cont.donate_req == 0xa02);

	/* The same registers mean one thing when complete, another when not */
	reset(RMI_SUCCESS);
	st = rmi_rtt_data_unmap(1, 2, 3, 4, 5, &unmap);
	CHECK(called.a1 == 1 && called.a2 == 2 && called.a3 == 3 && called.a4 == 4);
	CHECK(called.a5 == 5 && zero_from(6));
	CHECK(unmap.out_top == 0xa01 && unmap.out_range == 0xa02 && unmap.out_count == 0xa03);
	CHECK(!unmap.incomplete.handle && !unmap.incomplete.donate_req);
	reset(rmi_status_incomplete(RMI_OP_MEM_REQ_DONATE, false).raw);
	st = rmi_rtt_data_unmap(1, 2, 3, 4, 5, &unmap);
	CHECK(rmi_is_incomplete(st));
	CHECK(!unmap.out_top && !unmap.out_range && !unmap.out_count);
	CHECK(unmap.incomplete.handle == 0xa01 && unmap.incomplete.donate_req == 0xa02);

	reset(rmi_status_level(RMI_ERROR_RTT, 1).raw);
	st = rmi_rtt_create(1, 2, 3, 4, &create);
	CHECK(called.a4 == 4 && rmi_index(st) == 1 && !create.incomplete.handle);
}

/* What a dispatcher is built from */
static void test_commands(void)
{
#define ENTRY(NAME, name, nr_in, nr_out) { SMC_RMI_##NAME, #name, nr_in, nr_out },
	static const struct {
		unsigned long fid;
		const char *name;
		int nr_in, nr_out;
	} commands[] = { RMI_COMMANDS(ENTRY) };
	size_t i, n = sizeof(commands) / sizeof(*commands), found = 0;

	for (i = 0; i < n; i++) {
		if (!strcmp(commands[i].name, "rtt_destroy")) {
			found++;
			CHECK(commands[i].fid == 0xc400015e);
			CHECK(commands[i].nr_in == 3 && commands[i].nr_out == 2);
		} else if (!strcmp(commands[i].name, "rec_destroy")) {
			found++;
			CHECK(commands[i].nr_in == 1 && commands[i].nr_out == 2);
		} else if (!strcmp(commands[i].name, "rec_enter")) {
			found++;
			CHECK(commands[i].nr_in == 2 && commands[i].nr_out == 0);
		}
	}
	CHECK(found == 3);
}

int main(void)
{
	test_specification();
	test_status();
	test_wrappers();
	test_commands();
	return failures ? 1 : 0;
}

#endif /* HOSTED */
