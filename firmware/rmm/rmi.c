// SPDX-License-Identifier: GPL-2.0-only
/* From a function ID to the handler of the command: the dispatch table of the RMI. */
#include <linux/arm-smccc.h>
#include <linux/bits.h>
#include <string.h>
#include "global.h"
#include "inject_answer.h"
#include "op.h"
#include "rmi.h"

#define MAX_REGS		17

/**
 * struct rmi_command - one line of the table
 * @fid: function ID
 * @handler: what carries it out
 * @nr_out: output registers, without X0
 */
struct rmi_command {
	u32 fid;
	u32 nr_out;
	rmi_handler_t handler;
};

#define RMI_COMMAND(NAME, name, nr_in, nr_out)	{ SMC_RMI_##NAME, nr_out, handle_##name },
static const struct rmi_command commands[] = {
	RMI_COMMANDS(RMI_COMMAND)
};

static const struct rmi_command *find_command(u64 fid)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].fid == fid)
			return &commands[i];
	}
	return NULL;
}

/* What a host may call before RMI_RMM_ACTIVATE */
static bool allowed_before_activation(u64 fid)
{
	switch (fid) {
	case SMC_RMI_VERSION:
	case SMC_RMI_FEATURES:
	case SMC_RMI_RMM_CONFIG_GET:
	case SMC_RMI_RMM_CONFIG_SET:
	case SMC_RMI_RMM_ACTIVATE:
	case SMC_RMI_GRANULE_TRACKING_GET:
		return true;
	default:
		return false;
	}
}

static rmi_status_t run_command(const struct rmi_command *cmd, const u64 *in, u64 *out)
{
	rmi_status_t status;
	u64 response;

	if (test_control_inject(cmd->fid, &response)) {
		/* A continued operation that gets no further keeps its handle. */
		if (response == RMI_INCOMPLETE && cmd->fid == SMC_RMI_OP_CONTINUE)
			out[0] = in[0];
		else if (response == RMI_INCOMPLETE)
			return op_defer(cmd->handler, in, out);
		status.raw = response;
		return status;
	}

	if (!rmm_is_active() && !allowed_before_activation(cmd->fid))
		return rmi_ret(RMI_ERROR_GLOBAL);

	return cmd->handler(in, out);
}

void rmi_dispatch(u64 x[18])
{
	const struct rmi_command *cmd = find_command((u32)x[0] & ~SMCCC_SVE_HINT);
	u64 out[MAX_REGS] = { 0 };
	unsigned int nr_out;

	if (!cmd) {
		x[0] = SMCCC_RET_NOT_SUPPORTED;
		return;
	}

	x[0] = run_command(cmd, &x[1], out).raw;
	nr_out = max(cmd->nr_out, 3U);
	memcpy(&x[1], out, nr_out * sizeof(out[0]));
}
